// Qwen3-Next (Qwen3-Next-80B-A3B): the projections of the gated delta rule lie interleaved in two
// tensors.
#include "model/families/builders.h"
#include "model/families/qwen2_lineage.h"
#include "model/families/qwen3_next_lineage.h"

namespace alluvium {
namespace {

// Some of the rows of every key head's block of `tensor`, which has the parts of its value heads
// with it.
LinearSpec rows_of_heads(const std::string& tensor, std::int64_t hidden, std::int64_t heads,
                         std::int64_t block, std::int64_t first, std::int64_t count) {
    return {WeightSpec{tensor + ".weight",
                       {heads * block, hidden},
                       TensorPart{.entry = std::nullopt,
                                  .first_row = first,
                                  .row_step = block,
                                  .rows = heads * count,
                                  .rows_together = count}},
            std::nullopt};
}

void interleaved_projections(DeltaSpec& delta, const std::string& prefix, std::int64_t hidden) {
    const std::int64_t heads = delta.key_heads;
    const std::int64_t key = delta.key_dim;
    const std::int64_t shares = delta.value_heads / heads;  // value heads of a key head
    const std::int64_t value = shares * delta.value_dim;
    const auto wide = [&](std::int64_t first, std::int64_t count) {
        return rows_of_heads(prefix + "in_proj_qkvz", hidden, heads, 2 * (key + value), first,
                             count);
    };
    delta.query = wide(0, key);
    delta.key = wide(key, key);
    delta.value = wide(2 * key, value);
    delta.gate = wide(2 * key + value, value);
    const auto narrow = [&](std::int64_t first) {
        return rows_of_heads(prefix + "in_proj_ba", hidden, heads, 2 * shares, first, shares);
    };
    delta.strength = narrow(0);
    delta.fading = narrow(shares);
}

}  // namespace

ModelSpec qwen3_next_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = qwen3_next_sizes(config);
    return qwen3_next_decoder(
        checkpoint, {.config = config, .others = {"mtp."}}, sizes,
        [&](DeltaSpec& delta, const std::string& prefix) {
            interleaved_projections(delta, prefix, sizes.hidden);
        },
        [&](LayerId layer, const std::string& mlp) -> std::variant<FeedForwardSpec, MoeSpec> {
            if (is_routed(checkpoint, mlp + "gate.weight", promised_by_step(config, layer))) {
                return qwen2_routed_part(config, sizes, mlp, /*renormalise=*/true);
            }
            return gated_feed_forward(mlp, sizes, config.count("intermediate_size"));
        });
}

}  // namespace alluvium
