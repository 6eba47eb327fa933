#include "model/families/parts.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace alluvium {
namespace {

// What is done elsewhere with checkpoints of this method; empty: nothing is known.
std::string quantisation_advice(const std::string& method) {
    if (method == "gptq" || method == "awq") {
        return "use the checkpoint that it was made from: its weights are rounded to a few bits, "
               "and "
               "so is its routing";
    }
    if (method == "bitsandbytes") {
        return "load it with transformers, call dequantize() and save_pretrained(), or use the "
               "checkpoint that it was made from";
    }
    return "use a checkpoint in F32, F16, BF16 or block-scaled FP8";
}

void refuse_quantisation(const ConfigReader& config, bool mxfp4) {
    if (!config.has("quantization_config")) return;
    const ConfigReader inner = config.inside("quantization_config");
    const std::string method = inner.text_or("quant_method", "of an unnamed method");
    // FP8 shows in the tensors, which are looked at one by one.
    if ((mxfp4 && method == "mxfp4") || method == "fp8") return;
    throw UserError("'" + config.source() + "': quantisation '" + method + "' is not supported",
                    quantisation_advice(method));
}

Activation read_activation(const ConfigReader& config, const DecoderDefaults& defaults) {
    const std::string name = config.text_or(defaults.activation_key, defaults.activation);
    if (name == "silu" || name == "swish") return Activation::silu;
    if (name == "gelu") return Activation::gelu;
    if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation::gelu_tanh;
    throw UserError("'" + config.source() + "': activation '" + name + "' is not supported",
                    "supported: silu, gelu, gelu_new, gelu_pytorch_tanh");
}

// The layer's entry in layer_types.
bool slides(const ConfigReader& config, LayerId layer) {
    const Json& types = config.at("layer_types");
    const auto at = static_cast<std::size_t>(layer);
    if (!types.is_array() || types.size() <= at || !types[at].is_string()) {
        config.refuse("layer_types", "a list of one text for each layer");
    }
    return types[at] == "sliding_attention";
}

}  // namespace

DecoderSizes decoder_sizes(const ConfigReader& config, const DecoderDefaults& defaults) {
    refuse_quantisation(config, defaults.mxfp4);
    DecoderSizes sizes;
    sizes.hidden = config.count("hidden_size");
    sizes.layers = config.count("num_hidden_layers");
    sizes.heads = config.count("num_attention_heads");
    sizes.kv_heads = config.count_or("num_key_value_heads", sizes.heads);
    const bool derived = !config.has("head_dim") && defaults.head_dim == 0;
    if (derived && sizes.hidden % sizes.heads != 0) {
        config.refuse("hidden_size",
                      "a multiple of num_attention_heads (" + std::to_string(sizes.heads) + ")");
    }
    sizes.head_dim = config.count_or(
        "head_dim", defaults.head_dim == 0 ? sizes.hidden / sizes.heads : defaults.head_dim);
    if (sizes.heads % sizes.kv_heads != 0) {
        config.refuse("num_key_value_heads",
                      "a divisor of num_attention_heads (" + std::to_string(sizes.heads) + ")");
    }
    sizes.vocab = config.count("vocab_size");
    sizes.norm_epsilon = config.number_or(defaults.norm_key, defaults.norm_epsilon);
    sizes.rotary = read_rotary(config, sizes.head_dim, defaults.rotary);
    sizes.activation = read_activation(config, defaults);
    return sizes;
}

std::string layer_prefix(LayerId layer, const std::string& root) {
    return root + "layers." + std::to_string(layer) + ".";
}

TextDecoder text_decoder(const Checkpoint& checkpoint, const std::string& root,
                         const std::string& head, const std::vector<std::string>& others) {
    const ConfigReader config(checkpoint);
    if (!config.has("text_config")) return {.config = config, .others = others};
    return {config.inside("text_config"), root, head, others};
}

LinearSpec linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias) {
    LinearSpec spec{{name + ".weight", {out, in}}, std::nullopt};
    if (bias) spec.bias = WeightSpec{name + ".bias", {out}};
    return spec;
}

NormSpec rms_norm(const std::string& name, std::int64_t width, double epsilon) {
    return {{name + ".weight", {width}}, epsilon};
}

NormSpec hidden_norm(const std::string& name, const DecoderSizes& sizes) {
    NormSpec norm = rms_norm(name, sizes.hidden, sizes.norm_epsilon);
    norm.kind = sizes.norm_kind;
    norm.weight_offset = sizes.norm_weight_offset;
    if (norm.kind == NormKind::layer) norm.bias = WeightSpec{name + ".bias", {sizes.hidden}};
    return norm;
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

void add_head_norms(AttentionSpec& attention, const std::string& prefix,
                    const DecoderSizes& sizes) {
    const std::string self = prefix + "self_attn.";
    attention.query_norm = rms_norm(self + "q_norm", sizes.head_dim, sizes.norm_epsilon);
    attention.key_norm = rms_norm(self + "k_norm", sizes.head_dim, sizes.norm_epsilon);
}

void add_wide_norms(AttentionSpec& attention, const std::string& prefix,
                    const DecoderSizes& sizes) {
    const std::string self = prefix + "self_attn.";
    attention.query_norm =
        rms_norm(self + "q_norm", sizes.heads * sizes.head_dim, sizes.norm_epsilon);
    attention.key_norm =
        rms_norm(self + "k_norm", sizes.kv_heads * sizes.head_dim, sizes.norm_epsilon);
}

bool is_routed(const Checkpoint& checkpoint, const std::string& router, bool promised) {
    return checkpoint.knows_tensors() ? checkpoint.has(router) : promised;
}

bool promised_by_step(const ConfigReader& config, LayerId layer) {
    const Json& dense = config.at("mlp_only_layers");
    const bool listed = dense.is_array() && std::ranges::find(dense, Json(layer)) != dense.end();
    return !listed && (layer + 1) % config.count_or("decoder_sparse_step", 1) == 0;
}

FeedForwardSpec gated_feed_forward(const std::string& prefix, const DecoderSizes& sizes,
                                   std::int64_t width, const FeedForwardNames& names) {
    return {linear(prefix + names.gate, width, sizes.hidden, names.bias),
            linear(prefix + names.up, width, sizes.hidden, names.bias),
            linear(prefix + names.down, sizes.hidden, width, names.bias), sizes.activation};
}

MoeSpec routed_feed_forward(const std::string& prefix, const DecoderSizes& sizes,
                            const RouterSpec& rule, std::int64_t width,
                            const FeedForwardNames& names) {
    check_spec(rule);
    MoeSpec moe;
    moe.rule = rule;
    moe.router = linear(prefix + "gate", rule.experts, sizes.hidden);
    for (int expert = 0; expert < rule.experts; ++expert) {
        moe.experts.push_back(gated_feed_forward(prefix + "experts." + std::to_string(expert) + ".",
                                                 sizes, width, names));
    }
    return moe;
}

const FeedForwardNames& numbered_names() {
    static const FeedForwardNames names{.gate = "w1", .up = "w3", .down = "w2"};
    return names;
}

LayerSpec post_norm_layer(const std::string& prefix, const DecoderSizes& sizes,
                          AttentionSpec attention,
                          std::variant<FeedForwardSpec, MoeSpec> feed_forward) {
    const NormSpec none{.weight = {}, .kind = NormKind::none};
    return {.attention_norm = none,
            .attention = std::move(attention),
            .feed_forward_norm = none,
            .feed_forward = std::move(feed_forward),
            .attention_output_norm = hidden_norm(prefix + "post_attention_layernorm", sizes),
            .feed_forward_output_norm = hidden_norm(prefix + "post_feedforward_layernorm", sizes)};
}

LayerSpec pre_norm_layer(const std::string& prefix, const DecoderSizes& sizes,
                         AttentionSpec attention,
                         std::variant<FeedForwardSpec, MoeSpec> feed_forward) {
    return {hidden_norm(prefix + "input_layernorm", sizes), std::move(attention),
            hidden_norm(prefix + "post_attention_layernorm", sizes), std::move(feed_forward)};
}

std::vector<FeedForwardSpec> fused_experts(const FusedExperts& tensors, const DecoderSizes& sizes,
                                           int experts, std::int64_t width) {
    const auto weight = [&](const std::string& name, std::int64_t out, std::int64_t in, int expert,
                            std::int64_t first, std::int64_t rows) {
        const auto shape = tensors.transposed ? std::vector<std::int64_t>{experts, in, out}
                                              : std::vector<std::int64_t>{experts, out, in};
        return WeightSpec{name, shape,
                          TensorPart{.entry = expert,
                                     .transposed = tensors.transposed,
                                     .first_row = first,
                                     .rows = rows}};
    };
    std::vector<FeedForwardSpec> result;
    for (int e = 0; e < experts; ++e) {
        FeedForwardSpec expert;
        expert.activation = sizes.activation;
        expert.gate.weight = weight(tensors.gate_up, 2 * width, sizes.hidden, e, 0, width);
        expert.up.weight = weight(tensors.gate_up, 2 * width, sizes.hidden, e, width, width);
        expert.down.weight = weight(tensors.down, sizes.hidden, width, e, 0, sizes.hidden);
        result.push_back(std::move(expert));
    }
    return result;
}

ModelSpec decoder(const Checkpoint& checkpoint, const DecoderSizes& sizes) {
    return decoder(checkpoint, sizes, {.config = ConfigReader(checkpoint)});
}

ModelSpec decoder(const Checkpoint& checkpoint, const DecoderSizes& sizes,
                  const TextDecoder& text) {
    const ConfigReader& config = text.config;
    ModelSpec spec;
    spec.family = ConfigReader(checkpoint).text("model_type");
    spec.hidden_size = sizes.hidden;
    spec.vocab_size = sizes.vocab;
    spec.embedding = {text.root + "embed_tokens.weight", {sizes.vocab, sizes.hidden}};
    spec.final_norm = hidden_norm(text.root + "norm", sizes);
    const std::string& head = text.head;
    if (config.flag_or("tie_word_embeddings", !checkpoint.has(head + ".weight"))) {
        spec.output.weight = spec.embedding;
        spec.unused.push_back(head + ".weight");
    } else {
        spec.output = linear(head, sizes.vocab, sizes.hidden);
    }
    // Older library versions stored the frequencies that RotarySpec gives.
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        spec.unused.push_back(layer_prefix(layer, text.root) + "self_attn.rotary_emb.inv_freq");
    }
    for (const std::string& other : text.others) let_be(spec, checkpoint, other);
    return spec;
}

void let_be(ModelSpec& spec, const Checkpoint& checkpoint, const std::string& beginning) {
    for (auto tensor = checkpoint.tensors().lower_bound(beginning);
         tensor != checkpoint.tensors().end() && tensor->first.starts_with(beginning); ++tensor) {
        spec.unused.push_back(tensor->first);
    }
}

void let_be_layers_behind(ModelSpec& spec, const Checkpoint& checkpoint) {
    const std::string layers = "model.layers.";
    for (const auto& [name, info] : checkpoint.tensors()) {
        if (!name.starts_with(layers)) continue;
        const std::string rest = name.substr(layers.size());
        const std::size_t digits = rest.find_first_not_of("0123456789");
        if (digits == 0 || digits > 6) continue;
        if (std::stoul(rest.substr(0, digits)) >= spec.layers.size()) spec.unused.push_back(name);
    }
}

std::int64_t alternating_window(const ConfigReader& config, LayerId layer, std::int64_t otherwise) {
    if (config.mentions("sliding_window") && !config.has("sliding_window")) return 0;
    const bool has_window = config.has("layer_types") ? slides(config, layer) : layer % 2 == 0;
    return has_window ? config.count_or("sliding_window", otherwise) : 0;
}

std::int64_t common_window(const ConfigReader& config) {
    return config.has("sliding_window") ? config.count("sliding_window") : 0;
}

std::int64_t sliding_window(const ConfigReader& config, LayerId layer, std::int64_t layers) {
    if (!config.flag_or("use_sliding_window", false)) return 0;
    const std::int64_t window = common_window(config);
    if (config.has("layer_types")) return slides(config, layer) ? window : 0;
    if (config.at("max_window_layers") == 0) return window;  // every layer has one
    return layer >= config.count_or("max_window_layers", layers) ? window : 0;
}

}  // namespace alluvium
