// Qwen2-MoE (Qwen1.5-MoE-A2.7B, Qwen2-57B-A14B): Qwen2 with routed layers, each beside a shared
// expert scaled by a sigmoid gate.
#include "base/error.h"
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

// Library versions disagree about which layers have a window where the config does not list them.
void refuse_unlisted_windows(const ConfigReader& config) {
    if (config.flag_or("use_sliding_window", false) && !config.has("layer_types")) {
        throw UserError("'" + config.source() + "': use_sliding_window without layer_types",
                        "add layer_types, which says which layers have a sliding window");
    }
}

MoeSpec moe_part(const ConfigReader& config, const DecoderSizes& sizes, const std::string& prefix) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count("num_experts"));
    rule.top_k = static_cast<int>(config.count("num_experts_per_tok"));
    rule.renormalise = config.flag_or("norm_topk_prob", false);
    rule.shared_experts = 1;
    MoeSpec moe = routed_feed_forward(prefix, sizes, rule, config.count("moe_intermediate_size"));
    moe.shared =
        SharedExpertSpec{gated_feed_forward(prefix + "shared_expert.", sizes,
                                            config.count("shared_expert_intermediate_size")),
                         linear(prefix + "shared_expert_gate", 1, sizes.hidden)};
    return moe;
}

}  // namespace

ModelSpec qwen2_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    refuse_unlisted_windows(config);
    const DecoderSizes sizes = decoder_sizes(config);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string mlp = layer_prefix(layer) + "mlp.";
        LayerSpec part = qwen2_attention_part(config, sizes, layer);
        if (checkpoint.has(mlp + "gate.weight")) {
            part.feed_forward = moe_part(config, sizes, mlp);
        } else {
            part.feed_forward = gated_feed_forward(mlp, sizes, config.count("intermediate_size"));
        }
        spec.layers.push_back(std::move(part));
    }
    return spec;
}

}  // namespace alluvium
