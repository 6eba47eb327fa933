// Granite 3.x MoE: all experts of a layer in two tensors, multipliers at every seam.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count_or("num_local_experts", 8));
    rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 2));
    rule.order = SelectionOrder::top_k_then_softmax;
    return rule;
}

// input_linear [E, 2F, H] holds gate over up, output_linear [E, H, F] down.
MoeSpec routed_part(const std::string& prefix, const DecoderSizes& sizes, const RouterSpec& rule,
                    std::int64_t width) {
    check_spec(rule);
    MoeSpec moe;
    moe.rule = rule;
    moe.router = linear(prefix + "router.layer", rule.experts, sizes.hidden);
    const auto rows = [](int expert, std::int64_t first, std::int64_t count) {
        return TensorPart{.entry = expert, .first_row = first, .rows = count};
    };
    const std::vector<std::int64_t> in_shape{rule.experts, 2 * width, sizes.hidden};
    const std::vector<std::int64_t> out_shape{rule.experts, sizes.hidden, width};
    for (int e = 0; e < rule.experts; ++e) {
        FeedForwardSpec expert;
        expert.activation = sizes.activation;
        expert.gate.weight = {prefix + "input_linear.weight", in_shape, rows(e, 0, width)};
        expert.up.weight = {prefix + "input_linear.weight", in_shape, rows(e, width, width)};
        expert.down.weight = {prefix + "output_linear.weight", out_shape, rows(e, 0, sizes.hidden)};
        moe.experts.push_back(expert);
    }
    return moe;
}

}  // namespace

ModelSpec granitemoe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config);
    const std::int64_t width = config.count("intermediate_size");
    const bool bias = config.flag_or("attention_bias", false);
    const double logits_divisor = config.number_or("logits_scaling", 1);
    if (logits_divisor == 0) config.refuse("logits_scaling", "a number other than 0");
    ModelSpec spec = decoder(checkpoint, sizes);
    spec.embedding_multiplier = config.number_or("embedding_multiplier", 1);
    spec.logit_multiplier = 1 / logits_divisor;
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
        own.scale = config.number_or("attention_multiplier", 1);
        LayerSpec part = pre_norm_layer(
            prefix, sizes, own,
            routed_part(prefix + "block_sparse_moe.", sizes, router_rule(config), width));
        part.residual_multiplier = config.number_or("residual_multiplier", 1);
        spec.layers.push_back(std::move(part));
    }
    return spec;
}

}  // namespace alluvium
