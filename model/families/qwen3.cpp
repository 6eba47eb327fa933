// Qwen3: dense.
#include "model/families/builders.h"
#include "model/families/qwen3_lineage.h"

namespace alluvium {

ModelSpec qwen3_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config, {.head_dim = 128});
    const std::int64_t width = config.count("intermediate_size");
    return qwen3_decoder(checkpoint, config, sizes, [&](LayerId layer, const std::string& mlp) {
        return Qwen3Layer{sliding_window(config, layer, sizes.layers),
                          gated_feed_forward(mlp, sizes, width)};
    });
}

}  // namespace alluvium
