// DeepSeek-V3, V3.1 and R1 (arXiv 2412.19437), Kimi-K2.
#include "model/families/builders.h"
#include "model/families/latent_attention.h"
#include "model/families/shared_experts.h"

namespace alluvium {

ModelSpec deepseek_v3_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    if (config.text_or("scoring_func", "sigmoid") != "sigmoid") {
        config.refuse("scoring_func", "sigmoid");
    }
    const DecoderSizes sizes = latent_decoder_sizes(config);
    const RouterSpec rule = biased_sigmoid_rule(config, {.groups = 8, .kept = 4});
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        spec.layers.push_back(
            pre_norm_layer(prefix, sizes, latent_attention(config, prefix, sizes),
                           routed_or_dense(checkpoint, config, layer, sizes, rule)));
    }
    let_be_layers_behind(spec, checkpoint);
    return spec;
}

}  // namespace alluvium
