// MiniMax-M2: sigmoid scores with a bias for the choice, no groups, no shared expert; queries and
// keys normed over the full width.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count_or("num_local_experts", 256));
    rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 8));
    rule.scoring = Scoring::sigmoid;
    rule.choice_bias = true;
    rule.renormalise = true;
    return rule;
}

}  // namespace

ModelSpec minimax_m2_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const double head_dim = static_cast<double>(config.count_or("head_dim", 128));
    const double part =
        config.has("rotary_dim") ? static_cast<double>(config.count("rotary_dim")) / head_dim : 1.0;
    const DecoderSizes sizes = decoder_sizes(config, {.head_dim = 128, .rotary = {.part = part}});
    const RouterSpec rule = router_rule(config);
    const std::int64_t width = config.count("intermediate_size");
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        const std::string block = prefix + "block_sparse_moe.";
        MoeSpec moe = routed_feed_forward(block, sizes, rule, width, numbered_names());
        moe.choice_bias = WeightSpec{block + "e_score_correction_bias", {rule.experts}};
        AttentionSpec own = attention(prefix, sizes, {});
        add_wide_norms(own, prefix, sizes);
        spec.layers.push_back(pre_norm_layer(prefix, sizes, own, std::move(moe)));
    }
    let_be_layers_behind(spec, checkpoint);
    return spec;
}

}  // namespace alluvium
