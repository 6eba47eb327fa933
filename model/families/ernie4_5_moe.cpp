// ERNIE 4.5 (21B-A3B, 300B-A47B, the text models): softmax scores, chosen with a bias that the
// weights do not see, renormalised; shared experts without a gate.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

// What sums of weights are held above. A larger one would change weights, which RouterSpec cannot
// say.
constexpr double kLargestFloor = 1e-9;

RouterSpec router_rule(const ConfigReader& config) {
    if (config.number_or("moe_norm_min", 1e-12) > kLargestFloor) {
        config.refuse("moe_norm_min", "at most 1e-9");
    }
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count("moe_num_experts"));
    rule.top_k = static_cast<int>(config.count_or("moe_k", 6));
    const Json& shared = config.at("moe_num_shared_experts");
    rule.shared_experts =
        shared == 0 ? 0 : static_cast<int>(config.count_or("moe_num_shared_experts", 2));
    rule.choice_bias = true;
    rule.renormalise = true;
    return rule;
}

bool promised(const ConfigReader& config, LayerId layer, std::int64_t layers) {
    const auto number = [&](const char* key, std::int64_t otherwise) {
        return config.at(key).is_number_integer() ? config.at(key).get<std::int64_t>() : otherwise;
    };
    const std::int64_t last = number("moe_layer_end_index", -1);
    return layer >= number("moe_layer_start_index", 1) &&
           layer <= (last == -1 ? layers - 1 : last) &&
           (layer + 1) % config.count_or("moe_layer_interval", 1) == 0;
}

MoeSpec routed_part(const ConfigReader& config, const std::string& prefix,
                    const DecoderSizes& sizes, const FeedForwardNames& names) {
    const RouterSpec rule = router_rule(config);
    const std::int64_t width = config.count("moe_intermediate_size");
    MoeSpec moe = routed_feed_forward(prefix, sizes, rule, width);
    moe.choice_bias = WeightSpec{prefix + "moe_statics.e_score_correction_bias",
                                 {1, rule.experts},
                                 TensorPart{.entry = 0, .rows = rule.experts}};
    if (rule.shared_experts > 0) {
        moe.shared = SharedExpertSpec{gated_feed_forward(prefix + "shared_experts.", sizes,
                                                         rule.shared_experts * width, names),
                                      std::nullopt};
    }
    return moe;
}

}  // namespace

ModelSpec ernie4_5_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    DecoderSizes sizes = decoder_sizes(config, {.norm_epsilon = 1e-5, .rotary = {.theta = 500000}});
    sizes.rotary.adjacent_pairs = true;
    const bool bias = config.flag_or("use_bias", false);
    const FeedForwardNames names{.bias = bias};
    ModelSpec spec = decoder(checkpoint, sizes, {.config = config, .others = {"model.mtp_"}});
    if (bias) spec.output.bias = WeightSpec{"lm_head.bias", {sizes.vocab}};
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        const std::string mlp = prefix + "mlp.";
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
        if (is_routed(checkpoint, mlp + "gate.weight", promised(config, layer, sizes.layers))) {
            spec.layers.push_back(pre_norm_layer(prefix, sizes, std::move(own),
                                                 routed_part(config, mlp, sizes, names)));
        } else {
            const std::int64_t width = config.count("intermediate_size");
            spec.layers.push_back(pre_norm_layer(prefix, sizes, std::move(own),
                                                 gated_feed_forward(mlp, sizes, width, names)));
        }
    }
    return spec;
}

}  // namespace alluvium
