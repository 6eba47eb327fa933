// gpt-oss (arXiv 2508.10925): attention sinks, every other layer with a sliding window, biases
// everywhere, experts in one tensor, as published in MXFP4.
#include "model/families/builders.h"
#include "model/families/parts.h"

namespace alluvium {
namespace {

constexpr std::int64_t kFirstWindow = 128;  // where the config gives none
constexpr std::int64_t kBlock = 32;         // MXFP4 numbers that share a scale

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count("num_local_experts"));
    const char* top_k =
        config.has("num_experts_per_tok") ? "num_experts_per_tok" : "experts_per_token";
    rule.top_k = static_cast<int>(config.count_or(top_k, 4));
    rule.order = SelectionOrder::top_k_then_softmax;
    return rule;
}

// One fused tensor of all experts, [E, in, out] in numbers or [E, out, in / 32, 16] in blocks.
struct FusedMatrix {
    std::string name;
    std::int64_t in = 0;
    std::int64_t out = 0;
    bool in_blocks = false;

    WeightSpec weight(int experts, TensorPart part) const {
        if (!in_blocks) {
            part.transposed = true;
            return {name, {experts, in, out}, part};
        }
        return {name + "_blocks",
                {experts, out, in / kBlock, kBlock / 2},
                part,
                WeightEncoding::mxfp4_blocks,
                name + "_scales"};
    }
    LinearSpec linear(int experts, const TensorPart& part) const {
        return {weight(experts, part), WeightSpec{name + "_bias", {experts, out}, part}};
    }
};

MoeSpec routed_part(const Checkpoint& checkpoint, const ConfigReader& config,
                    const std::string& prefix, const DecoderSizes& sizes) {
    MoeSpec moe;
    moe.rule = router_rule(config);
    check_spec(moe.rule);
    const int experts = moe.rule.experts;
    moe.router = linear(prefix + "router", experts, sizes.hidden, true);
    const std::int64_t width = config.count("intermediate_size");
    const std::string gate_up = prefix + "experts.gate_up_proj";
    const std::string down = prefix + "experts.down_proj";
    const bool promised = config.has("quantization_config");
    const auto in_blocks = [&](const std::string& matrix) {
        return checkpoint.knows_tensors() ? checkpoint.has(matrix + "_blocks") : promised;
    };
    const FusedMatrix first{gate_up, sizes.hidden, 2 * width, in_blocks(gate_up)};
    const FusedMatrix second{down, width, sizes.hidden, in_blocks(down)};
    for (int e = 0; e < experts; ++e) {
        FeedForwardSpec expert;
        // Gate and up take turns.
        expert.gate =
            first.linear(experts, {.entry = e, .first_row = 0, .row_step = 2, .rows = width});
        expert.up =
            first.linear(experts, {.entry = e, .first_row = 1, .row_step = 2, .rows = width});
        expert.down = second.linear(experts, {.entry = e, .rows = sizes.hidden});
        expert.activation = Activation::clamped_swiglu;
        expert.limit = config.number_or("swiglu_limit", 7);
        expert.alpha = config.number_or("swiglu_alpha", 1.702);
        moe.experts.push_back(expert);
    }
    return moe;
}

}  // namespace

ModelSpec gpt_oss_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(
        config, {.norm_epsilon = 1e-5, .head_dim = 64, .rotary = {.theta = 150000}, .mxfp4 = true});
    const bool bias = config.flag_or("attention_bias", true);
    ModelSpec spec = decoder(checkpoint, sizes);
    for (LayerId layer = 0; layer < sizes.layers; ++layer) {
        const std::string prefix = layer_prefix(layer);
        AttentionSpec own = attention(prefix, sizes, {.query_key_value = bias, .output = bias});
        own.window = alternating_window(config, layer, kFirstWindow);
        own.sinks = WeightSpec{prefix + "self_attn.sinks", {sizes.heads}};
        spec.layers.push_back(pre_norm_layer(
            prefix, sizes, own, routed_part(checkpoint, config, prefix + "mlp.", sizes)));
    }
    return spec;
}

}  // namespace alluvium
