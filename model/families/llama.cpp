// Llama 1 to 3.x and the many models of its layout: dense.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {

ModelSpec llama_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config);
    const std::int64_t width = config.count("intermediate_size");
    const bool bias = config.flag_or("attention_bias", false);
    const FeedForwardNames names{.bias = config.flag_or("mlp_bias", false)};
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        spec.layers.push_back(pre_norm_layer(
            prefix, sizes, attention(prefix, sizes, {.query_key_value = bias, .output = bias}),
            gated_feed_forward(prefix + "mlp.", sizes, width, names)));
    }
    return spec;
}

}  // namespace alluvium
