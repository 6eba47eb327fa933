#include "model/families/qwen3_lineage.h"

namespace alluvium {

ModelSpec qwen3_decoder(const Checkpoint& checkpoint, const ConfigReader& config,
                        const DecoderSizes& sizes, const Qwen3Layers& layer_part) {
    const bool bias = config.flag_or("attention_bias", false);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        Qwen3Layer part = layer_part(layer, prefix + "mlp.");
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
        add_head_norms(own, prefix, sizes);
        own.window = part.window;
        spec.layers.push_back(pre_norm_layer(prefix, sizes, own, std::move(part.feed_forward)));
    }
    return spec;
}

}  // namespace alluvium
