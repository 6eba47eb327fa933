// Qwen2 (dense): QKV biases, grouped-query attention, gated SiLU feed-forward.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {

ModelSpec qwen2_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config);
    const std::int64_t width = config.count("intermediate_size");
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        LayerSpec part = qwen2_attention_part(config, sizes, layer);
        part.feed_forward = gated_feed_forward(layer_prefix(layer) + "mlp.", sizes, width);
        spec.layers.push_back(std::move(part));
    }
    return spec;
}

LayerSpec qwen2_attention_part(const ConfigReader& config, const DecoderSizes& sizes,
                               LayerId layer) {
    const std::string prefix = layer_prefix(layer);
    LayerSpec part;
    part.attention_norm = rms_norm(prefix + "input_layernorm", sizes.hidden, sizes.norm_epsilon);
    part.attention =
        attention(prefix, sizes, {.query_key_value = config.flag_or("qkv_bias", true)});
    part.attention.window = sliding_window(config, layer, sizes.layers);
    part.feed_forward_norm =
        rms_norm(prefix + "post_attention_layernorm", sizes.hidden, sizes.norm_epsilon);
    return part;
}

}  // namespace alluvium
