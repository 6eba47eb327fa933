// Qwen3.5-MoE (Qwen3.5-35B-A3B and larger), the text decoder: Qwen3-Next with a tensor for every
// projection, every layer routed, experts in one tensor or one by one.
#include "model/families/builders.h"
#include "model/families/qwen2_lineage.h"
#include "model/families/qwen3_next_lineage.h"

namespace alluvium {
namespace {

void separate_projections(DeltaSpec& delta, const std::string& prefix, std::int64_t hidden) {
    const std::int64_t keys = delta.key_heads * delta.key_dim;
    const std::int64_t values = delta.value_heads * delta.value_dim;
    const auto rows = [&](std::int64_t first, std::int64_t count) {
        return LinearSpec{
            WeightSpec{prefix + "in_proj_qkv.weight",
                       {2 * keys + values, hidden},
                       TensorPart{.entry = std::nullopt, .first_row = first, .rows = count}},
            std::nullopt};
    };
    delta.query = rows(0, keys);
    delta.key = rows(keys, keys);
    delta.value = rows(2 * keys, values);
    delta.gate = linear(prefix + "in_proj_z", values, hidden);
    delta.strength = linear(prefix + "in_proj_b", delta.value_heads, hidden);
    delta.fading = linear(prefix + "in_proj_a", delta.value_heads, hidden);
}

MoeSpec routed_part(const Checkpoint& checkpoint, const ConfigReader& config,
                    const DecoderSizes& sizes, const std::string& prefix) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count("num_experts"));
    rule.top_k = static_cast<int>(config.count("num_experts_per_tok"));
    rule.renormalise = true;
    rule.shared_experts = 1;
    const std::int64_t width = config.count("moe_intermediate_size");
    MoeSpec moe = routed_feed_forward(prefix, sizes, rule, width);
    const FusedExperts fused{prefix + "experts.gate_up_proj", prefix + "experts.down_proj"};
    if (checkpoint.has(fused.gate_up))
        moe.experts = fused_experts(fused, sizes, rule.experts, width);
    moe.shared =
        qwen2_shared_expert(prefix, sizes, config.count("shared_expert_intermediate_size"));
    return moe;
}

}  // namespace

ModelSpec qwen3_5_moe_spec(const Checkpoint& checkpoint) {
    const TextDecoder text =
        text_decoder(checkpoint, "model.language_model.", "lm_head", {"mtp.", "model.visual."});
    const DecoderSizes sizes = qwen3_next_sizes(text.config);
    return qwen3_next_decoder(
        checkpoint, text, sizes,
        [&](DeltaSpec& delta, const std::string& prefix) {
            separate_projections(delta, prefix, sizes.hidden);
        },
        [&](LayerId, const std::string& mlp) {
            return routed_part(checkpoint, text.config, sizes, mlp);
        });
}

}  // namespace alluvium
