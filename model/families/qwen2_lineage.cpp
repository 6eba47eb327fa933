#include "model/families/qwen2_lineage.h"

namespace alluvium {

ModelSpec qwen2_decoder(const Checkpoint& checkpoint, const ConfigReader& config,
                        const DecoderSizes& sizes, const RoutedPart& routed_part) {
    const std::int64_t dense_width = config.count("intermediate_size");
    const bool bias = config.flag_or("qkv_bias", true);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        const std::string mlp = prefix + "mlp.";
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias});
        own.window = sliding_window(config, layer, sizes.layers);
        if (routed_part &&
            is_routed(checkpoint, mlp + "gate.weight", promised_by_step(config, layer))) {
            spec.layers.push_back(pre_norm_layer(prefix, sizes, own, routed_part(mlp)));
        } else {
            spec.layers.push_back(
                pre_norm_layer(prefix, sizes, own, gated_feed_forward(mlp, sizes, dense_width)));
        }
    }
    return spec;
}

SharedExpertSpec qwen2_shared_expert(const std::string& prefix, const DecoderSizes& sizes,
                                     std::int64_t width) {
    return {gated_feed_forward(prefix + "shared_expert.", sizes, width),
            linear(prefix + "shared_expert_gate", 1, sizes.hidden)};
}

MoeSpec qwen2_routed_part(const ConfigReader& config, const DecoderSizes& sizes,
                          const std::string& prefix, bool renormalise) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count("num_experts"));
    rule.top_k = static_cast<int>(config.count("num_experts_per_tok"));
    rule.renormalise = config.flag_or("norm_topk_prob", renormalise);
    rule.shared_experts = 1;
    MoeSpec moe = routed_feed_forward(prefix, sizes, rule, config.count("moe_intermediate_size"));
    moe.shared =
        qwen2_shared_expert(prefix, sizes, config.count("shared_expert_intermediate_size"));
    return moe;
}

}  // namespace alluvium
