#pragma once
// Qwen3's decoder, which its dense and routed models share: queries and keys normed by head, no
// biases unless the config asks for them.
#include <functional>
#include <string>

#include "model/families/parts.h"

namespace alluvium {

// The parts of one layer that the two kinds of model do not share.
struct Qwen3Layer {
    std::int64_t window = 0;
    std::variant<FeedForwardSpec, MoeSpec> feed_forward;
};

using Qwen3Layers = std::function<Qwen3Layer(LayerId layer, const std::string& mlp)>;

// `layer_part` is asked for each layer; `mlp` is "model.layers.7.mlp.".
ModelSpec qwen3_decoder(const Checkpoint& checkpoint, const ConfigReader& config,
                        const DecoderSizes& sizes, const Qwen3Layers& layer_part);

}  // namespace alluvium
