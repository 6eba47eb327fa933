#include "model/families/parts.h"

#include <cmath>

#include "base/error.h"

namespace alluvium {
namespace {

void refuse_quantisation(const ConfigReader& config) {
    if (!config.has("quantization_config")) return;
    const ConfigReader inner = config.inside("quantization_config");
    throw UserError("'" + config.source() + "': quantisation '" +
                        inner.text_or("quant_method", "of an unnamed method") +
                        "' is not supported",
                    "use a checkpoint in F32, F16 or BF16");
}

Activation read_activation(const ConfigReader& config) {
    const std::string name = config.text_or("hidden_act", "silu");
    if (name == "silu" || name == "swish") return Activation::silu;
    throw UserError("'" + config.source() + "': activation '" + name + "' is not supported",
                    "supported: silu");
}

// The hub writes rope_theta and rope_scaling, newer library versions rope_parameters.
RotarySpec read_rotary(const ConfigReader& config) {
    const bool newer = config.has("rope_parameters");
    const ConfigReader scaling = config.inside(newer ? "rope_parameters" : "rope_scaling");
    const std::string type = scaling.text_or("rope_type", scaling.text_or("type", "default"));
    if (type != "default") {
        throw UserError("'" + config.source() + "': rotary scaling '" + type + "' is not supported",
                        "supported: default (none)");
    }
    RotarySpec rotary;
    rotary.theta = newer ? scaling.number("rope_theta") : config.number_or("rope_theta", 10000.0);
    if (!(rotary.theta > 0)) config.refuse("rope_theta", "a positive number");
    return rotary;
}

}  // namespace

DecoderSizes decoder_sizes(const ConfigReader& config) {
    refuse_quantisation(config);
    DecoderSizes sizes;
    sizes.hidden = config.count("hidden_size");
    sizes.layers = config.count("num_hidden_layers");
    sizes.heads = config.count("num_attention_heads");
    sizes.kv_heads = config.count_or("num_key_value_heads", sizes.heads);
    if (!config.has("head_dim") && sizes.hidden % sizes.heads != 0) {
        config.refuse("hidden_size",
                      "a multiple of num_attention_heads (" + std::to_string(sizes.heads) + ")");
    }
    sizes.head_dim = config.count_or("head_dim", sizes.hidden / sizes.heads);
    if (sizes.heads % sizes.kv_heads != 0) {
        config.refuse("num_key_value_heads",
                      "a divisor of num_attention_heads (" + std::to_string(sizes.heads) + ")");
    }
    if (sizes.head_dim % 2 != 0) {
        throw UserError("'" + config.source() + "': the head size " +
                        std::to_string(sizes.head_dim) + " is odd, it cannot be rotated");
    }
    sizes.vocab = config.count("vocab_size");
    sizes.norm_epsilon = config.number_or("rms_norm_eps", 1e-6);
    sizes.rotary = read_rotary(config);
    sizes.activation = read_activation(config);
    return sizes;
}

std::string layer_prefix(LayerId layer) {
    return "model.layers." + std::to_string(layer) + ".";
}

LinearSpec linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias) {
    LinearSpec spec{{name + ".weight", {out, in}}, std::nullopt};
    if (bias) spec.bias = WeightSpec{name + ".bias", {out}};
    return spec;
}

NormSpec rms_norm(const std::string& name, std::int64_t width, double epsilon) {
    return {{name + ".weight", {width}}, epsilon};
}

AttentionSpec attention(const std::string& prefix, const DecoderSizes& sizes,
                        AttentionBiases biases) {
    const std::string self = prefix + "self_attn.";
    const std::int64_t queries = sizes.heads * sizes.head_dim;
    const std::int64_t keys = sizes.kv_heads * sizes.head_dim;
    AttentionSpec spec;
    spec.heads = sizes.heads;
    spec.kv_heads = sizes.kv_heads;
    spec.head_dim = sizes.head_dim;
    spec.query = linear(self + "q_proj", queries, sizes.hidden, biases.query_key_value);
    spec.key = linear(self + "k_proj", keys, sizes.hidden, biases.query_key_value);
    spec.value = linear(self + "v_proj", keys, sizes.hidden, biases.query_key_value);
    spec.output = linear(self + "o_proj", sizes.hidden, queries, biases.output);
    spec.scale = 1.0 / std::sqrt(static_cast<double>(sizes.head_dim));
    spec.rotary = sizes.rotary;
    return spec;
}

FeedForwardSpec gated_feed_forward(const std::string& prefix, const DecoderSizes& sizes,
                                   std::int64_t width) {
    return {linear(prefix + "gate_proj", width, sizes.hidden),
            linear(prefix + "up_proj", width, sizes.hidden),
            linear(prefix + "down_proj", sizes.hidden, width), sizes.activation};
}

MoeSpec routed_feed_forward(const std::string& prefix, const DecoderSizes& sizes,
                            const RouterSpec& rule, std::int64_t width) {
    check_spec(rule);
    MoeSpec moe;
    moe.rule = rule;
    moe.router = linear(prefix + "gate", rule.experts, sizes.hidden);
    for (int expert = 0; expert < rule.experts; ++expert) {
        moe.experts.push_back(
            gated_feed_forward(prefix + "experts." + std::to_string(expert) + ".", sizes, width));
    }
    return moe;
}

ModelSpec decoder(const Checkpoint& checkpoint, const DecoderSizes& sizes) {
    const ConfigReader config(checkpoint);
    ModelSpec spec;
    spec.family = config.text("model_type");
    spec.hidden_size = sizes.hidden;
    spec.vocab_size = sizes.vocab;
    spec.embedding = {"model.embed_tokens.weight", {sizes.vocab, sizes.hidden}};
    spec.final_norm = rms_norm("model.norm", sizes.hidden, sizes.norm_epsilon);
    const std::string head = "lm_head";
    if (config.flag_or("tie_word_embeddings", !checkpoint.has(head + ".weight"))) {
        spec.output.weight = spec.embedding;
        spec.unused.push_back(head + ".weight");
    } else {
        spec.output = linear(head, sizes.vocab, sizes.hidden);
    }
    // Older library versions stored the frequencies that RotarySpec gives.
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        spec.unused.push_back(layer_prefix(layer) + "self_attn.rotary_emb.inv_freq");
    }
    return spec;
}

std::int64_t sliding_window(const ConfigReader& config, LayerId layer, std::int64_t layers) {
    if (!config.flag_or("use_sliding_window", false) || !config.has("sliding_window")) return 0;
    const std::int64_t window = config.count("sliding_window");
    const Json& types = config.at("layer_types");
    if (types.is_null()) {
        const std::int64_t full = config.count_or("max_window_layers", layers);
        return layer >= full ? window : 0;
    }
    const auto at = static_cast<std::size_t>(layer);
    if (!types.is_array() || types.size() <= at || !types[at].is_string()) {
        config.refuse("layer_types", "a list of one text for each layer");
    }
    return types[at] == "sliding_attention" ? window : 0;
}

}  // namespace alluvium
