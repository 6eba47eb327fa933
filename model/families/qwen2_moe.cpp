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

MoeSpec routed_part(const ConfigReader& config, const DecoderSizes& sizes,
                    const std::string& prefix) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count("num_experts"));
    rule.top_k = static_cast<int>(config.count("num_experts_per_tok"));
    rule.renormalise = config.flag_or("norm_topk_prob", false);
    rule.shared_experts = 1;
    MoeSpec moe = routed_feed_forward(prefix, sizes, rule, config.count("moe_intermediate_size"));
    moe.shared =
        qwen2_shared_expert(prefix, sizes, config.count("shared_expert_intermediate_size"));
    return moe;
}

}  // namespace

ModelSpec qwen2_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    refuse_unlisted_windows(config);
    const DecoderSizes sizes = decoder_sizes(config);
    return qwen2_decoder(checkpoint, config, sizes, [&](const std::string& prefix) {
        return routed_part(config, sizes, prefix);
    });
}

}  // namespace alluvium
