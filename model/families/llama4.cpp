// Llama 4 (Scout, Maverick), the text decoder: the router's weight scales what an expert reads;
// attention in chunks, and every few layers one over everything without rotation.
#include <algorithm>

#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

// Whether the layer's queries and keys are rotated; the config's list calls these layers 1.
bool rotates(const ConfigReader& config, LayerId layer) {
    const Json& listed = config.at("no_rope_layers");
    const auto at = static_cast<std::size_t>(layer);
    if (listed.is_null() || listed.empty()) {
        return (layer + 1) % config.count_or("no_rope_layer_interval", 4) != 0;
    }
    if (!listed.is_array() || listed.size() <= at || !listed[at].is_number()) {
        config.refuse("no_rope_layers", "a list of one number for each layer");
    }
    return listed[at] != 0;
}

bool promised(const ConfigReader& config, LayerId layer) {
    const Json& listed = config.at("moe_layers");
    if (listed.is_array()) return std::ranges::find(listed, Json(layer)) != listed.end();
    return (layer + 1) % config.count_or("interleave_moe_layer_step", 1) == 0;
}

bool in_chunks(const ConfigReader& config, LayerId layer) {
    const Json& types = config.at("layer_types");
    const auto at = static_cast<std::size_t>(layer);
    if (types.is_array() && types.size() > at) return types[at] == "chunked_attention";
    return rotates(config, layer);
}

constexpr std::int64_t kChunk = 8192;  // where the config says nothing

std::int64_t chunk(const ConfigReader& config) {
    const bool none =
        config.mentions("attention_chunk_size") && !config.has("attention_chunk_size");
    return none ? 0 : config.count_or("attention_chunk_size", kChunk);
}

bool grows(const ConfigReader& config) {
    const Json& flag = config.at("attn_temperature_tuning");  // published as a number, too
    return flag.is_null() || (flag.is_boolean() ? flag.get<bool>() : flag != 0);
}

AttentionSpec own_attention(const ConfigReader& config, const std::string& prefix, LayerId layer,
                            const DecoderSizes& sizes) {
    const bool bias = config.flag_or("attention_bias", false);
    AttentionSpec spec = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
    spec.rotary.adjacent_pairs = true;
    spec.rotates = rotates(config, layer);
    if (in_chunks(config, layer)) spec.chunk = chunk(config);
    if (spec.rotates && config.flag_or("use_qk_norm", true)) spec.unit_norm = sizes.norm_epsilon;
    if (!spec.rotates && grows(config)) {
        spec.growth = QueryGrowth{.length = config.number_or("floor_scale", 8192),
                                  .scale = config.number_or("attn_scale", 0.1)};
    }
    return spec;
}

MoeSpec routed_part(const ConfigReader& config, const std::string& prefix,
                    const DecoderSizes& sizes) {
    MoeSpec moe;
    moe.rule.experts = static_cast<int>(config.count("num_local_experts"));
    moe.rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 1));
    moe.rule.shared_experts = 1;
    moe.rule.order = SelectionOrder::top_k_then_sigmoid;
    moe.rule.weight_on_input = true;
    check_spec(moe.rule);
    const std::int64_t width = config.count("intermediate_size");
    moe.router = linear(prefix + "router", moe.rule.experts, sizes.hidden);
    moe.experts = fused_experts({.gate_up = prefix + "experts.gate_up_proj",
                                 .down = prefix + "experts.down_proj",
                                 .transposed = true},
                                sizes, moe.rule.experts, width);
    moe.shared =
        SharedExpertSpec{gated_feed_forward(prefix + "shared_expert.", sizes, width), std::nullopt};
    return moe;
}

}  // namespace

ModelSpec llama4_spec(const Checkpoint& checkpoint) {
    const TextDecoder text =
        text_decoder(checkpoint, "language_model.model.", "language_model.lm_head",
                     {"vision_model.", "multi_modal_projector."});
    const ConfigReader& config = text.config;
    const DecoderSizes sizes =
        decoder_sizes(config, {.norm_epsilon = 1e-5, .head_dim = 128, .rotary = {.theta = 500000}});
    ModelSpec spec = decoder(checkpoint, sizes, text);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer, text.root);
        const std::string part = prefix + "feed_forward.";
        AttentionSpec own = own_attention(config, prefix, layer, sizes);
        if (is_routed(checkpoint, part + "router.weight", promised(config, layer))) {
            spec.layers.push_back(
                pre_norm_layer(prefix, sizes, std::move(own), routed_part(config, part, sizes)));
        } else {
            const std::int64_t width = config.count("intermediate_size_mlp");
            spec.layers.push_back(pre_norm_layer(prefix, sizes, std::move(own),
                                                 gated_feed_forward(part, sizes, width)));
        }
    }
    return spec;
}

}  // namespace alluvium
