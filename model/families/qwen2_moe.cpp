// Qwen2-MoE (Qwen1.5-MoE-A2.7B, Qwen2-57B-A14B): each routed layer has a shared expert beside the
// routed ones.
#include "base/error.h"
#include "model/families/builders.h"
#include "model/families/qwen2_lineage.h"

namespace alluvium {
namespace {

// Library versions disagree about which layers have a window where the config does not list them.
void refuse_unlisted_windows(const ConfigReader& config) {
    if (config.flag_or("use_sliding_window", false) && !config.has("layer_types")) {
        throw UserError("'" + config.source() + "': use_sliding_window without layer_types",
                        "add layer_types, which says which layers have a sliding window");
    }
}

}  // namespace

ModelSpec qwen2_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    refuse_unlisted_windows(config);
    const DecoderSizes sizes = decoder_sizes(config);
    return qwen2_decoder(checkpoint, config, sizes, [&](const std::string& prefix) {
        return qwen2_routed_part(config, sizes, prefix, /*renormalise=*/false);
    });
}

}  // namespace alluvium
