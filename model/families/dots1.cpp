// dots.llm1: DeepSeek-V3's router with ordinary attention, queries and keys normed by head.
#include "model/families/builders.h"
#include "model/families/shared_experts.h"

namespace alluvium {
namespace {

constexpr std::int64_t kWindow = 4096;  // where the config has no such key; none where it is null

std::int64_t window(const ConfigReader& config, LayerId layer) {
    if (config.has("layer_types")) return alternating_window(config, layer, kWindow);
    if (config.mentions("sliding_window") && !config.has("sliding_window")) return 0;
    const bool late = layer >= config.count_or("max_window_layers", 62);
    return late ? config.count_or("sliding_window", kWindow) : 0;
}

}  // namespace

ModelSpec dots1_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config);
    RouterSpec rule = biased_sigmoid_rule(config, {});
    rule.renormalise = config.flag_or("norm_topk_prob", false);
    const bool bias = config.flag_or("attention_bias", false);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
        add_head_norms(own, prefix, sizes);
        own.window = window(config, layer);
        spec.layers.push_back(pre_norm_layer(
            prefix, sizes, own, routed_or_dense(checkpoint, config, layer, sizes, rule)));
    }
    return spec;
}

}  // namespace alluvium
