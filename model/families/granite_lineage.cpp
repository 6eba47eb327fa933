#include "model/families/granite_lineage.h"

namespace alluvium {
namespace {

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count_or("num_local_experts", 8));
    rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 2));
    rule.order = SelectionOrder::top_k_then_softmax;
    return rule;
}

TensorPart rows_of(std::optional<std::int64_t> expert, std::int64_t first, std::int64_t count) {
    return {.entry = expert, .first_row = first, .rows = count};
}

// input_linear [E, 2F, H] holds gate over up, output_linear [E, H, F] down.
MoeSpec routed_part(const std::string& prefix, const DecoderSizes& sizes, const RouterSpec& rule,
                    std::int64_t width) {
    check_spec(rule);
    MoeSpec moe;
    moe.rule = rule;
    moe.router = linear(prefix + "router.layer", rule.experts, sizes.hidden);
    moe.experts = fused_experts(
        {.gate_up = prefix + "input_linear.weight", .down = prefix + "output_linear.weight"}, sizes,
        rule.experts, width);
    return moe;
}

// The same of one part: input_linear [2F, H].
FeedForwardSpec shared_part(const std::string& prefix, const DecoderSizes& sizes,
                            std::int64_t width) {
    const std::vector<std::int64_t> in_shape{2 * width, sizes.hidden};
    FeedForwardSpec part;
    part.activation = sizes.activation;
    part.gate.weight = {prefix + "input_linear.weight", in_shape, rows_of({}, 0, width)};
    part.up.weight = {prefix + "input_linear.weight", in_shape, rows_of({}, width, width)};
    part.down = linear(prefix + "output_linear", sizes.hidden, width);
    return part;
}

// 0 where the config says so or nothing.
std::int64_t size_or_none(const ConfigReader& config, const std::string& key) {
    return config.at(key) == 0 ? 0 : config.count_or(key, 0);
}

std::variant<FeedForwardSpec, MoeSpec> feed_forward(const ConfigReader& config,
                                                    const std::string& prefix,
                                                    const DecoderSizes& sizes) {
    const std::int64_t shared = size_or_none(config, "shared_intermediate_size");
    const std::string shared_prefix = prefix + "shared_mlp.";
    if (config.at("num_local_experts") == 0) return shared_part(shared_prefix, sizes, shared);
    RouterSpec rule = router_rule(config);
    rule.shared_experts = shared > 0 ? 1 : 0;
    MoeSpec moe =
        routed_part(prefix + "block_sparse_moe.", sizes, rule, config.count("intermediate_size"));
    if (shared > 0) {
        moe.shared = SharedExpertSpec{shared_part(shared_prefix, sizes, shared), std::nullopt};
    }
    return moe;
}

}  // namespace

ModelSpec granite_decoder(const Checkpoint& checkpoint,
                          const std::function<void(AttentionSpec&)>& change) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config);
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
        change(own);
        LayerSpec part = pre_norm_layer(prefix, sizes, own, feed_forward(config, prefix, sizes));
        part.residual_multiplier = config.number_or("residual_multiplier", 1);
        spec.layers.push_back(std::move(part));
    }
    return spec;
}

}  // namespace alluvium
