#include "model/capture/engine.h"

#include <ATen/Parallel.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/checkpoint/content_id.h"
#include "model/convert/adapted_checkpoint.h"
#include "model/families/family.h"

namespace alluvium {

CheckpointPtr open_checkpoint(const std::filesystem::path& folder,
                              const std::filesystem::path& adapter) {
    return adapter.empty() ? Checkpoint::open(folder) : open_adapted(folder, adapter);
}

Engine load_engine(const std::filesystem::path& folder, const EngineOptions& options) {
    if (options.threads > 0) at::set_num_threads(options.threads);
    Engine engine;
    engine.checkpoint = open_checkpoint(folder, options.adapter);
    const Checkpoint& checkpoint = *engine.checkpoint;
    ModelSpec spec = model_spec(checkpoint);
    const Compute compute = resolve_compute(options.device, options.dtype, checkpoint);
    engine.memory = plan_memory(checkpoint, spec, compute, options.memory);
    if (options.before_loading) options.before_loading(engine.memory);
    if (engine.memory.streams) return_freed_memory();
    engine.checkpoint_id = content_id(checkpoint);
    engine.model = Model::load(checkpoint, std::move(spec), compute,
                               engine.memory.streams ? Residence::checkpoint : Residence::memory,
                               engine.memory.decoded_room);
    try {
        engine.tokenizer = std::make_shared<const Tokenizer>(Tokenizer::open(folder));
    } catch (const UserError& e) {
        engine.tokenizer_problem = e.what();
    }
    return engine;
}

}  // namespace alluvium
