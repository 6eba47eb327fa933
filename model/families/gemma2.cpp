// Gemma 2 (arXiv 2408.00118): dense; norms before and behind both parts, soft-capped scores and
// logits, every other layer with a sliding window.
#include <cmath>

#include "model/families/builders.h"
#include "model/families/gemma_lineage.h"

namespace alluvium {
namespace {

constexpr std::int64_t kFirstWindow = 4096;

// Null switches the cap off, an absent key means the usual one.
std::optional<double> cap(const ConfigReader& config, const std::string& key, double usual) {
    if (config.mentions(key) && !config.has(key)) return std::nullopt;
    return config.number_or(key, usual);
}

AttentionSpec attention_part(const ConfigReader& config, const DecoderSizes& sizes, LayerId layer) {
    const bool bias = config.flag_or("attention_bias", false);
    AttentionSpec spec =
        attention(layer_prefix(layer), sizes, {.query_key_value = bias, .output = bias});
    spec.scale = 1 / std::sqrt(config.number_or("query_pre_attn_scalar", 256));
    spec.softcap = cap(config, "attn_logit_softcapping", 50);
    spec.window = alternating_window(config, layer, kFirstWindow);
    return spec;
}

}  // namespace

ModelSpec gemma2_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = gemma_sizes(config);
    const std::int64_t width = config.count("intermediate_size");
    ModelSpec spec = gemma_decoder(checkpoint, config, sizes);
    spec.logit_softcap = cap(config, "final_logit_softcapping", 30);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        spec.layers.push_back(
            {.attention_norm = hidden_norm(prefix + "input_layernorm", sizes),
             .attention = attention_part(config, sizes, layer),
             .feed_forward_norm = hidden_norm(prefix + "pre_feedforward_layernorm", sizes),
             .feed_forward = gated_feed_forward(prefix + "mlp.", sizes, width),
             .attention_output_norm = hidden_norm(prefix + "post_attention_layernorm", sizes),
             .feed_forward_output_norm =
                 hidden_norm(prefix + "post_feedforward_layernorm", sizes)});
    }
    return spec;
}

}  // namespace alluvium
