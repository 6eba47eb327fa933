// Mixtral (arXiv 2401.04088): every layer routed, the weights of the chosen always sum to 1.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count_or("num_local_experts", 8));
    rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 2));
    rule.renormalise = true;
    return rule;
}

}  // namespace

ModelSpec mixtral_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes =
        decoder_sizes(config, {.norm_epsilon = 1e-5, .rotary = {.theta = 1e6}});
    const std::int64_t width = config.count("intermediate_size");
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        AttentionSpec own = attention(prefix, sizes, {});
        own.window = common_window(config);
        spec.layers.push_back(
            pre_norm_layer(prefix, sizes, own,
                           routed_feed_forward(prefix + "block_sparse_moe.", sizes,
                                               router_rule(config), width, numbered_names())));
    }
    return spec;
}

}  // namespace alluvium
