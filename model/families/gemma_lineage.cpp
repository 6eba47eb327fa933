#include "model/families/gemma_lineage.h"

#include <cmath>

namespace alluvium {

DecoderSizes gemma_sizes(const ConfigReader& config) {
    const char* key = config.has("hidden_activation") ? "hidden_activation" : "hidden_act";
    DecoderSizes sizes = decoder_sizes(
        config, {.activation = "gelu_pytorch_tanh", .activation_key = key, .head_dim = 256});
    if (sizes.activation == Activation::gelu) sizes.activation = Activation::gelu_tanh;
    sizes.norm_weight_offset = 1;
    return sizes;
}

ModelSpec gemma_decoder(const Checkpoint& checkpoint, const ConfigReader& config,
                        const DecoderSizes& sizes) {
    if (config.flag_or("use_bidirectional_attention", false)) {
        config.refuse("use_bidirectional_attention", "false or absent");
    }
    ModelSpec spec = decoder(checkpoint, sizes);
    spec.embedding_multiplier = std::sqrt(static_cast<double>(sizes.hidden));
    return spec;
}

}  // namespace alluvium
