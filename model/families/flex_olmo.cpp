// FlexOlmo (arXiv 2507.07024): OLMoE's router and attention, normed behind each part instead of
// before it.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count_or("num_experts", 7));
    rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 5));
    rule.renormalise = config.flag_or("norm_topk_prob", false);
    return rule;
}

}  // namespace

ModelSpec flex_olmo_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config, {.rotary = {.theta = 500000}});
    const bool bias = config.flag_or("attention_bias", false);
    const std::int64_t width = config.count("intermediate_size");
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
        add_wide_norms(own, prefix, sizes);
        spec.layers.push_back(post_norm_layer(
            prefix, sizes, own,
            routed_feed_forward(prefix + "mlp.", sizes, router_rule(config), width)));
    }
    return spec;
}

}  // namespace alluvium
