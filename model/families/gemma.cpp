// Gemma (arXiv 2403.08295): dense.
#include "model/families/builders.h"
#include "model/families/gemma_lineage.h"

namespace alluvium {

ModelSpec gemma_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = gemma_sizes(config);
    const std::int64_t width = config.count("intermediate_size");
    const bool bias = config.flag_or("attention_bias", false);
    ModelSpec spec = gemma_decoder(checkpoint, config, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        spec.layers.push_back(pre_norm_layer(
            prefix, sizes, attention(prefix, sizes, {.query_key_value = bias, .output = bias}),
            gated_feed_forward(prefix + "mlp.", sizes, width)));
    }
    return spec;
}

}  // namespace alluvium
