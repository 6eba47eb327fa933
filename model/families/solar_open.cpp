// Solar Open: DeepSeek-V3's router in every layer, ordinary grouped-query attention.
#include "model/families/builders.h"
#include "model/families/shared_experts.h"

namespace alluvium {

ModelSpec solar_open_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(
        config, {.norm_epsilon = 1e-5, .head_dim = 128, .rotary = {.theta = 1000000}});
    const RouterSpec rule = biased_sigmoid_rule(config, {});
    const bool bias = config.flag_or("attention_bias", false);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        spec.layers.push_back(
            pre_norm_layer(prefix, sizes, attention(prefix, sizes, {.query_key_value = bias}),
                           routed_or_dense(checkpoint, config, layer, sizes, rule)));
    }
    return spec;
}

}  // namespace alluvium
