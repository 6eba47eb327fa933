// OLMoE (arXiv 2409.02060): every layer routed, queries and keys normed over the full width,
// optional clipping of queries, keys and values.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

AttentionSpec attention_part(const ConfigReader& config, const DecoderSizes& sizes,
                             const std::string& prefix) {
    const bool bias = config.flag_or("attention_bias", false);
    AttentionSpec spec = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
    add_wide_norms(spec, prefix, sizes);
    if (config.has("clip_qkv")) spec.clip = config.number("clip_qkv");
    return spec;
}

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count("num_experts"));
    rule.top_k = static_cast<int>(config.count("num_experts_per_tok"));
    rule.renormalise = config.flag_or("norm_topk_prob", false);
    return rule;
}

}  // namespace

ModelSpec olmoe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config, {.norm_epsilon = 1e-5});
    const std::int64_t width = config.count("intermediate_size");
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        const std::string mlp = prefix + "mlp.";
        const AttentionSpec own = attention_part(config, sizes, prefix);
        if (is_routed(checkpoint, mlp + "gate.weight", /*promised=*/true)) {
            spec.layers.push_back(pre_norm_layer(
                prefix, sizes, own, routed_feed_forward(mlp, sizes, router_rule(config), width)));
        } else {
            spec.layers.push_back(
                pre_norm_layer(prefix, sizes, own, gated_feed_forward(mlp, sizes, width)));
        }
    }
    return spec;
}

}  // namespace alluvium
