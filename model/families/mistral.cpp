// Mistral: as Llama, with a sliding window in every layer of the first version.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

constexpr std::int64_t kFirstWindow = 4096;  // what a config without the key means

}  // namespace

ModelSpec mistral_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config);
    const std::int64_t width = config.count("intermediate_size");
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        AttentionSpec own = attention(prefix, sizes, {});
        own.window = config.mentions("sliding_window") ? common_window(config) : kFirstWindow;
        spec.layers.push_back(
            pre_norm_layer(prefix, sizes, own, gated_feed_forward(prefix + "mlp.", sizes, width)));
    }
    return spec;
}

}  // namespace alluvium
