// Granite 4: Granite's routed or dense layers with attention that rotates only where the config
// says "rope". Layers of Mamba are refused by name.
#include <algorithm>

#include "base/error.h"
#include "model/families/builders.h"
#include "model/families/granite_lineage.h"

namespace alluvium {
namespace {

void refuse_mamba(const ConfigReader& config) {
    const char* key = config.has("layer_types") ? "layer_types" : "layers_block_type";
    const Json& types = config.at(key);
    const auto attends = [](const Json& type) {
        return type == "attention" || type == "full_attention";
    };
    if (types.is_array() && std::ranges::all_of(types, attends)) return;
    throw UserError("'" + config.source() + "': layers of Mamba are not supported (" + key + ")",
                    "Granite 4 models whose layers are all attention can be run");
}

}  // namespace

ModelSpec granitemoehybrid_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    refuse_mamba(config);
    const bool rotates = config.text_or("position_embedding_type", "") == "rope";
    return granite_decoder(checkpoint, [rotates](AttentionSpec& own) { own.rotates = rotates; });
}

}  // namespace alluvium
