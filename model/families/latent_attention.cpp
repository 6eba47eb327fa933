#include "model/families/latent_attention.h"

#include <cmath>

namespace alluvium {
namespace {

constexpr double kLatentEpsilon = 1e-6;  // whatever rms_norm_eps says

// A config that stretches the context may ask for sharper attention, too.
double scale(const ConfigReader& config, std::int64_t head_dim) {
    const double usual = 1 / std::sqrt(static_cast<double>(head_dim));
    const ConfigReader scaling = rotary_scaling(config);
    const std::string type = scaling.text_or("rope_type", scaling.text_or("type", "default"));
    const double weight = scaling.number_or("mscale_all_dim", 0);
    if (type == "default" || weight == 0) return usual;
    const double sharpening = yarn_sharpening(scaling.number("factor"), weight);
    return usual * sharpening * sharpening;
}

}  // namespace

DecoderSizes latent_decoder_sizes(const ConfigReader& config) {
    return decoder_sizes(config, {.head_dim = config.count("qk_rope_head_dim")});
}

AttentionSpec latent_attention(const ConfigReader& config, const std::string& prefix,
                               const DecoderSizes& sizes) {
    const std::string self = prefix + "self_attn.";
    const bool bias = config.flag_or("attention_bias", false);
    LatentSpec latent;
    latent.rank = config.count("kv_lora_rank");
    latent.plain = config.count("qk_nope_head_dim");
    latent.rotated = config.count("qk_rope_head_dim");
    const std::int64_t value = config.count("v_head_dim");
    const std::int64_t head_dim = latent.plain + latent.rotated;
    latent.down =
        linear(self + "kv_a_proj_with_mqa", latent.rank + latent.rotated, sizes.hidden, bias);
    latent.norm = rms_norm(self + "kv_a_layernorm", latent.rank, kLatentEpsilon);
    latent.up = linear(self + "kv_b_proj", sizes.heads * (latent.plain + value), latent.rank);

    AttentionSpec spec;
    spec.heads = spec.kv_heads = sizes.heads;
    spec.head_dim = head_dim;
    spec.value_dim = value;
    if (config.has("q_lora_rank")) {
        const std::int64_t rank = config.count("q_lora_rank");
        latent.query_down = linear(self + "q_a_proj", rank, sizes.hidden, bias);
        latent.query_norm = rms_norm(self + "q_a_layernorm", rank, kLatentEpsilon);
        spec.query = linear(self + "q_b_proj", sizes.heads * head_dim, rank);
    } else {
        spec.query = linear(self + "q_proj", sizes.heads * head_dim, sizes.hidden);
    }
    spec.output = linear(self + "o_proj", sizes.hidden, sizes.heads * value, bias);
    spec.scale = scale(config, head_dim);
    spec.rotary = sizes.rotary;
    spec.rotary.dims = latent.rotated;
    spec.rotary.adjacent_pairs = config.flag_or("rope_interleave", true);
    spec.latent = std::move(latent);
    return spec;
}

}  // namespace alluvium
