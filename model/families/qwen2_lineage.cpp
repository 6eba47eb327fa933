#include "model/families/qwen2_lineage.h"

namespace alluvium {

ModelSpec qwen2_decoder(const Checkpoint& checkpoint, const ConfigReader& config,
                        const DecoderSizes& sizes, const RoutedPart& routed_part) {
    const std::int64_t dense_width = config.count("intermediate_size");
    const bool bias = config.flag_or("qkv_bias", true);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        const std::string mlp = prefix + "mlp.";
        LayerSpec part;
        part.attention_norm =
            rms_norm(prefix + "input_layernorm", sizes.hidden, sizes.norm_epsilon);
        part.attention = attention(prefix, sizes, {.query_key_value = bias});
        part.attention.window = sliding_window(config, layer, sizes.layers);
        part.feed_forward_norm =
            rms_norm(prefix + "post_attention_layernorm", sizes.hidden, sizes.norm_epsilon);
        if (routed_part && checkpoint.has(mlp + "gate.weight")) {
            part.feed_forward = routed_part(mlp);
        } else {
            part.feed_forward = gated_feed_forward(mlp, sizes, dense_width);
        }
        spec.layers.push_back(std::move(part));
    }
    return spec;
}

SharedExpertSpec qwen2_shared_expert(const std::string& prefix, const DecoderSizes& sizes,
                                     std::int64_t width) {
    return {gated_feed_forward(prefix + "shared_expert.", sizes, width),
            linear(prefix + "shared_expert_gate", 1, sizes.hidden)};
}

}  // namespace alluvium
