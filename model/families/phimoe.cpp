// Phi-3.5-MoE (arXiv 2404.14219, router: arXiv 2409.12136): layer norms with biases, two experts
// chosen by sparsemixer.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count_or("num_local_experts", 16));
    rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 2));
    rule.order = SelectionOrder::sparsemixer;
    rule.jitter = config.number_or("router_jitter_noise", 0.01);
    return rule;
}

// The reference (transformers 5.23) turns prompts of any length by the short factors and changes
// only the magnitude behind the original length. The authors' own code changes to the long factors,
// too: without this function, so does this program.
void keep_short_factors(RotarySpec& rotary) {
    if (auto* scaling = std::get_if<LongScaling>(&rotary.scaling)) {
        scaling->long_factors = scaling->short_factors;
    }
}

}  // namespace

ModelSpec phimoe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    DecoderSizes sizes = decoder_sizes(config, {.norm_epsilon = 1e-5, .rotary = {.theta = 1e6}});
    sizes.norm_kind = NormKind::layer;
    keep_short_factors(sizes.rotary);
    const std::int64_t width = config.count("intermediate_size");
    const bool bias = config.flag_or("attention_bias", false);
    ModelSpec spec = decoder(checkpoint, sizes);
    if (config.flag_or("lm_head_bias", false)) {
        spec.output.bias = WeightSpec{"lm_head.bias", {sizes.vocab}};
    }
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
        own.window = common_window(config);
        spec.layers.push_back(
            pre_norm_layer(prefix, sizes, own,
                           routed_feed_forward(prefix + "block_sparse_moe.", sizes,
                                               router_rule(config), width, numbered_names())));
    }
    return spec;
}

}  // namespace alluvium
