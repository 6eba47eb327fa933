// Hunyuan-A13B: softmax scores, always renormalised, a shared expert as wide as the others; queries
// and keys are normed by head behind the rotation.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

// One number for all layers, or a list with one for each.
int count_at(const ConfigReader& config, const std::string& key, LayerId layer) {
    const Json& given = config.at(key);
    if (!given.is_array()) return static_cast<int>(config.count(key));
    const auto at = static_cast<std::size_t>(layer);
    if (at >= given.size() || !given[at].is_number_integer() || given[at] < 1) {
        config.refuse(key, "a number, or a list of one for each layer");
    }
    return given[at].get<int>();
}

MoeSpec routed_part(const ConfigReader& config, LayerId layer, const DecoderSizes& sizes) {
    RouterSpec rule;
    rule.experts = count_at(config, "num_experts", layer);
    rule.top_k = count_at(config, "moe_topk", layer);
    rule.shared_experts = 1;
    rule.renormalise = true;
    const std::string prefix = layer_prefix(layer) + "mlp.";
    const std::int64_t width = config.count("intermediate_size");
    MoeSpec moe = routed_feed_forward(prefix, sizes, rule, width);
    moe.router = linear(prefix + "gate.wg", rule.experts, sizes.hidden);
    moe.shared =
        SharedExpertSpec{gated_feed_forward(prefix + "shared_mlp.", sizes, width), std::nullopt};
    return moe;
}

AttentionSpec attention_part(const ConfigReader& config, const std::string& prefix,
                             const DecoderSizes& sizes) {
    const bool bias = config.flag_or("attention_bias", false);
    AttentionSpec spec = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
    const std::string self = prefix + "self_attn.";
    spec.query_norm = rms_norm(self + "query_layernorm", sizes.head_dim, sizes.norm_epsilon);
    spec.key_norm = rms_norm(self + "key_layernorm", sizes.head_dim, sizes.norm_epsilon);
    spec.norm_after_rotation = true;
    return spec;
}

}  // namespace

ModelSpec hunyuan_v1_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config, {.norm_epsilon = 1e-5});
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        spec.layers.push_back(pre_norm_layer(prefix, sizes, attention_part(config, prefix, sizes),
                                             routed_part(config, layer, sizes)));
    }
    return spec;
}

}  // namespace alluvium
