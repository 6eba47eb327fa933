#include "model/families/qwen3_next_lineage.h"

namespace alluvium {
namespace {

// What the config's list says, or every so many layers one of full attention.
bool has_full_attention(const ConfigReader& config, LayerId layer) {
    const Json& types = config.at("layer_types");
    if (types.is_null()) return (layer + 1) % config.count_or("full_attention_interval", 4) == 0;
    const auto at = static_cast<std::size_t>(layer);
    if (!types.is_array() || types.size() <= at || !types[at].is_string()) {
        config.refuse("layer_types", "a list of one text for each layer");
    }
    return types[at] == "full_attention";
}

// Every head of q_proj has its query's rows before its gate's.
WeightSpec every_other_head(const std::string& projection, const DecoderSizes& sizes, bool gate) {
    const std::int64_t rows = sizes.heads * sizes.head_dim;
    return {projection + ".weight",
            {2 * rows, sizes.hidden},
            TensorPart{.entry = std::nullopt,
                       .first_row = gate ? sizes.head_dim : 0,
                       .row_step = 2 * sizes.head_dim,
                       .rows = rows,
                       .rows_together = sizes.head_dim}};
}

AttentionSpec gated_attention(const ConfigReader& config, const std::string& prefix,
                              const DecoderSizes& sizes) {
    if (config.flag_or("attention_bias", false)) config.refuse("attention_bias", "false or absent");
    AttentionSpec spec = attention(prefix, sizes, {});
    const std::string projection = prefix + "self_attn.q_proj";
    spec.query.weight = every_other_head(projection, sizes, false);
    spec.gate = LinearSpec{every_other_head(projection, sizes, true), std::nullopt};
    add_head_norms(spec, prefix, sizes);
    spec.query_norm->weight_offset = spec.key_norm->weight_offset = sizes.norm_weight_offset;
    return spec;
}

AttentionSpec delta_attention(const ConfigReader& config, const std::string& prefix,
                              const DecoderSizes& sizes, const DeltaProjections& projections) {
    const std::string self = prefix + "linear_attn.";
    DeltaSpec delta;
    delta.key_heads = config.count("linear_num_key_heads");
    delta.value_heads = config.count("linear_num_value_heads");
    delta.key_dim = config.count("linear_key_head_dim");
    delta.value_dim = config.count("linear_value_head_dim");
    delta.taps = config.count_or("linear_conv_kernel_dim", 4);
    if (delta.value_heads % delta.key_heads != 0) {
        config.refuse("linear_num_value_heads", "a multiple of linear_num_key_heads");
    }
    const std::int64_t values = delta.value_heads * delta.value_dim;
    const std::int64_t columns = 2 * delta.key_heads * delta.key_dim + values;
    delta.fading_rate = {self + "A_log", {delta.value_heads}};
    delta.fading_offset = {self + "dt_bias", {delta.value_heads}};
    delta.convolution = {self + "conv1d.weight", {columns, 1, delta.taps}};
    delta.norm = rms_norm(self + "norm", delta.value_dim, sizes.norm_epsilon);
    projections(delta, self);
    AttentionSpec spec;
    spec.output = linear(self + "out_proj", sizes.hidden, values);
    spec.delta = std::move(delta);
    return spec;
}

}  // namespace

DecoderSizes qwen3_next_sizes(const ConfigReader& config) {
    DecoderSizes sizes = decoder_sizes(config, {.head_dim = 256, .rotary = {.part = 0.25}});
    if (sizes.activation != Activation::silu) config.refuse("hidden_act", "silu");
    sizes.norm_weight_offset = 1;
    return sizes;
}

ModelSpec qwen3_next_decoder(const Checkpoint& checkpoint, const TextDecoder& text,
                             const DecoderSizes& sizes, const DeltaProjections& projections,
                             const NextFeedForward& feed_forward) {
    ModelSpec spec = decoder(checkpoint, sizes, text);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer, text.root);
        AttentionSpec own = has_full_attention(text.config, layer)
                                ? gated_attention(text.config, prefix, sizes)
                                : delta_attention(text.config, prefix, sizes, projections);
        spec.layers.push_back(
            pre_norm_layer(prefix, sizes, std::move(own), feed_forward(layer, prefix + "mlp.")));
    }
    return spec;
}

}  // namespace alluvium
