// GLM-4.5, 4.6 and their Air versions: DeepSeek-V3's router with ordinary grouped-query attention,
// half of every head rotated.
#include "model/families/builders.h"
#include "model/families/shared_experts.h"

namespace alluvium {

ModelSpec glm4_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes =
        decoder_sizes(config, {.norm_epsilon = 1e-5, .rotary = {.part = 0.5}});
    const RouterSpec rule = biased_sigmoid_rule(config, {});
    const bool bias = config.flag_or("attention_bias", false);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias});
        if (config.flag_or("use_qk_norm", false)) add_head_norms(own, prefix, sizes);
        spec.layers.push_back(pre_norm_layer(
            prefix, sizes, own, routed_or_dense(checkpoint, config, layer, sizes, rule)));
    }
    let_be_layers_behind(spec, checkpoint);
    return spec;
}

}  // namespace alluvium
