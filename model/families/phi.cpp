// Phi-1, 1.5 and 2: dense; attention and feed-forward part read the same normed x, half of every
// head is rotated (0.4 in Phi-2), biases everywhere.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

NormSpec head_norm(const std::string& name, const DecoderSizes& sizes) {
    NormSpec norm = rms_norm(name, sizes.head_dim, sizes.norm_epsilon);
    norm.kind = NormKind::layer;
    norm.bias = WeightSpec{name + ".bias", {sizes.head_dim}};
    return norm;
}

AttentionSpec attention_part(const ConfigReader& config, const std::string& prefix,
                             const DecoderSizes& sizes) {
    const std::string self = prefix + "self_attn.";
    AttentionSpec spec = attention(prefix, sizes, {.query_key_value = true, .output = true});
    spec.output = linear(self + "dense", sizes.hidden, sizes.heads * sizes.head_dim, true);
    if (config.flag_or("qk_layernorm", false)) {
        spec.query_norm = head_norm(self + "q_layernorm", sizes);
        spec.key_norm = head_norm(self + "k_layernorm", sizes);
    }
    return spec;
}

FeedForwardSpec feed_forward_part(const std::string& prefix, const DecoderSizes& sizes,
                                  std::int64_t width) {
    FeedForwardSpec spec;
    spec.gate = linear(prefix + "fc1", width, sizes.hidden, true);
    spec.down = linear(prefix + "fc2", sizes.hidden, width, true);
    spec.activation = sizes.activation;
    spec.gated = false;
    return spec;
}

}  // namespace

ModelSpec phi_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    DecoderSizes sizes = decoder_sizes(config, {.norm_epsilon = 1e-5,
                                                .norm_key = "layer_norm_eps",
                                                .activation = "gelu_new",
                                                .rotary = {.part = 0.5}});
    sizes.norm_kind = NormKind::layer;
    const std::int64_t width = config.count("intermediate_size");
    ModelSpec spec = decoder(checkpoint, sizes);
    spec.final_norm = hidden_norm("model.final_layernorm", sizes);
    spec.output.bias = WeightSpec{"lm_head.bias", {sizes.vocab}};
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        const NormSpec norm = hidden_norm(prefix + "input_layernorm", sizes);
        spec.layers.push_back({.attention_norm = norm,
                               .attention = attention_part(config, prefix, sizes),
                               .feed_forward_norm = norm,
                               .feed_forward = feed_forward_part(prefix + "mlp.", sizes, width),
                               .parallel = true});
    }
    return spec;
}

}  // namespace alluvium
