// DeepSeek-V2 and V2-Lite (arXiv 2405.04434). norm_topk_prob is not read: weights are never
// renormalised.
#include "base/error.h"
#include "model/families/builders.h"
#include "model/families/latent_attention.h"
#include "model/families/shared_experts.h"

namespace alluvium {
namespace {

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count("n_routed_experts"));
    rule.top_k = static_cast<int>(config.count("num_experts_per_tok"));
    rule.shared_experts = static_cast<int>(config.count_or("n_shared_experts", 2));
    rule.scale = config.number_or("routed_scaling_factor", 1);
    const std::string method = config.text_or("topk_method", "greedy");
    if (method == "group_limited_greedy") {
        rule.groups = static_cast<int>(config.count("n_group"));
        rule.topk_groups = static_cast<int>(config.count("topk_group"));
    } else if (method != "greedy") {
        config.refuse("topk_method", "greedy or group_limited_greedy");
    }
    return rule;
}

}  // namespace

ModelSpec deepseek_v2_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = latent_decoder_sizes(config);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        spec.layers.push_back(pre_norm_layer(
            prefix, sizes, latent_attention(config, prefix, sizes),
            routed_or_dense(checkpoint, config, layer, sizes, router_rule(config))));
    }
    return spec;
}

}  // namespace alluvium
