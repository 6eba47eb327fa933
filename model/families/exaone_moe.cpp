// K-EXAONE: DeepSeek-V3's router with ordinary attention, queries and keys normed by head; layers
// with a sliding window rotate, those that see everything do not.
#include "model/families/builders.h"
#include "model/families/shared_experts.h"

namespace alluvium {
namespace {

constexpr std::int64_t kWindow = 4096;  // where the config has no such key; none where it is null

bool windowed(const ConfigReader& config) {
    return config.has("sliding_window") || !config.mentions("sliding_window");
}

// Window of a layer; 0: none.
std::int64_t window(const ConfigReader& config, LayerId layer) {
    if (config.has("layer_types")) return alternating_window(config, layer, kWindow);
    const bool slides = (layer + 1) % config.count_or("sliding_window_pattern", 4) != 0;
    return windowed(config) && slides ? config.count_or("sliding_window", kWindow) : 0;
}

AttentionSpec attention_part(const ConfigReader& config, LayerId layer, const DecoderSizes& sizes) {
    const std::string prefix = layer_prefix(layer);
    AttentionSpec spec = attention(prefix, sizes, {});
    add_head_norms(spec, prefix, sizes);
    spec.window = window(config, layer);
    spec.rotates = !windowed(config) || spec.window > 0;
    return spec;
}

}  // namespace

ModelSpec exaone_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config, {.norm_epsilon = 1e-5});
    const ExpertKeys keys{"num_experts", "num_shared_experts"};
    const RouterSpec rule = biased_sigmoid_rule(config, {}, keys);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        auto feed_forward = routed_or_dense(checkpoint, config, layer, sizes, rule);
        const std::string prefix = layer_prefix(layer);
        if (auto* moe = std::get_if<MoeSpec>(&feed_forward)) {
            moe->choice_bias->tensor = prefix + "mlp.e_score_correction_bias";
        }
        spec.layers.push_back(pre_norm_layer(prefix, sizes, attention_part(config, layer, sizes),
                                             std::move(feed_forward)));
    }
    let_be(spec, checkpoint, "mtp.");
    return spec;
}

}  // namespace alluvium
