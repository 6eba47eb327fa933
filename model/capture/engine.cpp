#include "model/capture/engine.h"

#include <ATen/Parallel.h>

#include "base/error.h"
#include "model/checkpoint/content_id.h"
#include "model/families/family.h"

namespace alluvium {

Engine load_engine(const std::filesystem::path& folder, const EngineOptions& options) {
    if (options.threads > 0) at::set_num_threads(options.threads);
    Engine engine;
    engine.checkpoint = Checkpoint::open(folder);
    engine.checkpoint_id = content_id(*engine.checkpoint);
    engine.model = Model::load(*engine.checkpoint, model_spec(*engine.checkpoint),
                               resolve_compute(options.device, options.dtype, *engine.checkpoint));
    try {
        engine.tokenizer = std::make_shared<const Tokenizer>(Tokenizer::open(folder));
    } catch (const UserError& e) {
        engine.tokenizer_problem = e.what();
    }
    return engine;
}

}  // namespace alluvium
