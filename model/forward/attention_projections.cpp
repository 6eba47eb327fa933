#include <cmath>

#include <ATen/ATen.h>

#include "model/forward/attention_rows.h"
#include "model/forward/row_order.h"

namespace alluvium {
namespace {

// Norms over the width of their weight: a head's or the whole projection's.
at::Tensor norm_over_weight(const at::Tensor& x, const NormWeights& norm,
                            const Arithmetic& arithmetic) {
    return arithmetic.norm(x.reshape({-1, norm.weight.size(0)}), norm).view(x.sizes());
}

// [T, heads, D] -> the same rotated. Neighbours that turn against each other are first laid out as
// two halves: queries and keys alike, so that their products stay what they are.
at::Tensor rotated(const at::Tensor& x, const RotarySpec& spec, const AttentionContext& context) {
    if (!spec.adjacent_pairs) return context.arithmetic.rotate(x, context.rotary);
    const std::int64_t dims = 2 * context.rotary.cosine.size(1);
    const at::Tensor turning = x.narrow(-1, 0, dims);
    const at::Tensor halves = turning.unflatten(-1, {dims / 2, 2}).transpose(-1, -2).flatten(-2);
    const at::Tensor still = x.narrow(-1, dims, x.size(-1) - dims);
    return at::cat({context.arithmetic.rotate(halves, context.rotary), still}, -1);
}

// [T, heads, D] divided by each head's root mean square.
at::Tensor unit_normed(const at::Tensor& x, double epsilon) {
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor mean_square = wide.square().mean(-1, /*keepdim=*/true);
    return (wide * at::rsqrt(mean_square + epsilon)).to(x.scalar_type());
}

// Queries grow with their position. [T, A, D]
at::Tensor grown(const at::Tensor& query, const QueryGrowth& growth, const TokenBatch& batch) {
    std::vector<float> factors;  // one by one, as by_prompt() says
    for (std::size_t prompt = 0; prompt < batch.prompts(); ++prompt) {
        for (const std::int64_t position : row_order(batch, prompt).position) {
            const auto reached =
                std::floor(static_cast<float>(position + 1) / static_cast<float>(growth.length));
            factors.push_back(std::log1p(reached) * static_cast<float>(growth.scale) + 1);
        }
    }
    const at::Tensor factor = at::tensor(factors, at::kFloat).to(query.device());
    return (query * factor.view({-1, 1, 1})).to(query.scalar_type());
}

AttentionRows project_directly(const at::Tensor& x, const AttentionSpec& spec,
                               const AttentionWeights& weights, const AttentionContext& context) {
    const Arithmetic& arithmetic = context.arithmetic;
    at::Tensor query = arithmetic.linear(x, weights.query);
    at::Tensor key = arithmetic.linear(x, weights.key);
    at::Tensor value = arithmetic.linear(x, weights.value);
    const auto norm = [&] {
        if (weights.query_norm) query = norm_over_weight(query, *weights.query_norm, arithmetic);
        if (weights.key_norm) key = norm_over_weight(key, *weights.key_norm, arithmetic);
    };
    if (!spec.norm_after_rotation) norm();
    if (spec.clip) {
        query = query.clamp(-*spec.clip, *spec.clip);
        key = key.clamp(-*spec.clip, *spec.clip);
        value = value.clamp(-*spec.clip, *spec.clip);
    }
    query = query.view({-1, spec.heads, spec.head_dim});
    key = key.view({-1, spec.kv_heads, spec.head_dim});
    if (spec.rotates) {
        query = rotated(query, spec.rotary, context);
        key = rotated(key, spec.rotary, context);
    }
    if (spec.norm_after_rotation) norm();
    if (spec.unit_norm) {
        query = unit_normed(query, *spec.unit_norm);
        key = unit_normed(key, *spec.unit_norm);
    }
    if (spec.growth) query = grown(query, *spec.growth, context.batch);
    return {query, key, value.view({-1, spec.kv_heads, spec.head_dim})};
}

AttentionRows project_latent(const at::Tensor& x, const AttentionSpec& spec,
                             const AttentionWeights& weights, const AttentionContext& context) {
    const Arithmetic& arithmetic = context.arithmetic;
    const LatentSpec& latent = *spec.latent;
    const LatentWeights& own = *weights.latent;
    at::Tensor short_query = x;
    if (own.query_down) short_query = arithmetic.linear(x, *own.query_down);
    if (own.query_norm) short_query = arithmetic.norm(short_query, *own.query_norm);
    const at::Tensor query =
        arithmetic.linear(short_query, weights.query).view({-1, spec.heads, spec.head_dim});

    const at::Tensor down = arithmetic.linear(x, own.down);
    const at::Tensor middle =
        arithmetic.norm(down.narrow(-1, 0, latent.rank).contiguous(), own.norm);
    const at::Tensor up =
        arithmetic.linear(middle, own.up).view({-1, spec.heads, latent.plain + spec.value_dim});

    const auto turn = [&](const at::Tensor& part) {
        return rotated(part.contiguous(), spec.rotary, context);
    };
    const at::Tensor shared_key = turn(down.narrow(-1, latent.rank, latent.rotated).unsqueeze(1))
                                      .expand({-1, spec.heads, -1});
    return {at::cat({query.narrow(-1, 0, latent.plain),
                     turn(query.narrow(-1, latent.plain, latent.rotated))},
                    -1),
            at::cat({up.narrow(-1, 0, latent.plain), shared_key}, -1),
            up.narrow(-1, latent.plain, spec.value_dim)};
}

}  // namespace

AttentionRows project(const at::Tensor& x, const AttentionSpec& spec,
                      const AttentionWeights& weights, const AttentionContext& context) {
    return spec.latent ? project_latent(x, spec, weights, context)
                       : project_directly(x, spec, weights, context);
}

}  // namespace alluvium
