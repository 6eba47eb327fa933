#include "model/forward/attention.h"

#include <limits>

#include <ATen/ATen.h>

namespace alluvium {
namespace {

struct Projected {
    at::Tensor query;  // [T, A, D]
    at::Tensor key;    // [T, KV, D]
    at::Tensor value;  // [T, KV, D]
};

// Norms over the width of their weight: a head's or the whole projection's.
at::Tensor norm_over_weight(const at::Tensor& x, const NormWeights& norm,
                            const Arithmetic& arithmetic) {
    return arithmetic.norm(x.view({-1, norm.weight.size(0)}), norm).view(x.sizes());
}

Projected project(const at::Tensor& x, const AttentionSpec& spec, const AttentionWeights& weights,
                  const AttentionContext& context) {
    const Arithmetic& arithmetic = context.arithmetic;
    at::Tensor query = arithmetic.linear(x, weights.query);
    at::Tensor key = arithmetic.linear(x, weights.key);
    at::Tensor value = arithmetic.linear(x, weights.value);
    if (weights.query_norm) query = norm_over_weight(query, *weights.query_norm, arithmetic);
    if (weights.key_norm) key = norm_over_weight(key, *weights.key_norm, arithmetic);
    if (spec.clip) {
        query = query.clamp(-*spec.clip, *spec.clip);
        key = key.clamp(-*spec.clip, *spec.clip);
        value = value.clamp(-*spec.clip, *spec.clip);
    }
    return {arithmetic.rotate(query.view({-1, spec.heads, spec.head_dim}), context.rotary),
            arithmetic.rotate(key.view({-1, spec.kv_heads, spec.head_dim}), context.rotary),
            value.view({-1, spec.kv_heads, spec.head_dim})};
}

// [rows, heads, D] of `prompts` prompts of equal length -> [prompts, heads, length, D]; key/value
// heads are repeated for the query heads that share them.
at::Tensor by_head(const at::Tensor& rows, std::int64_t prompts, std::int64_t heads) {
    const std::int64_t repeat = heads / rows.size(1);
    const at::Tensor split = rows.unflatten(0, {prompts, rows.size(0) / prompts}).transpose(1, 2);
    return repeat == 1 ? split : split.repeat_interleave(repeat, 1);
}

// 0 where a row may look, -inf where not.
at::Tensor window_mask(std::int64_t length, std::int64_t window, const at::Tensor& like) {
    const at::Tensor position = at::arange(length, at::TensorOptions().device(like.device()));
    const at::Tensor distance = position.unsqueeze(1) - position.unsqueeze(0);
    const at::Tensor hidden = distance.lt(0).logical_or(distance.ge(window));
    return at::zeros({length, length}, like.options())
        .masked_fill(hidden, -std::numeric_limits<double>::infinity());
}

// `prompts` prompts of equal length that lie side by side. Returns [rows, A D].
at::Tensor attend_equal_lengths(const Projected& rows, std::int64_t prompts,
                                const AttentionSpec& spec) {
    const at::Tensor query = by_head(rows.query, prompts, spec.heads);
    const at::Tensor key = by_head(rows.key, prompts, spec.heads);
    const at::Tensor value = by_head(rows.value, prompts, spec.heads);
    const std::int64_t length = query.size(2);
    const bool windowed = spec.window > 0 && length > spec.window;
    std::optional<at::Tensor> mask;
    if (windowed) mask = window_mask(length, spec.window, query);
    const at::Tensor mixed = at::scaled_dot_product_attention(
        query, key, value, mask, /*dropout_p=*/0.0, /*is_causal=*/!windowed, spec.scale);
    return mixed.transpose(1, 2).reshape({prompts * length, spec.heads * spec.head_dim});
}

}  // namespace

at::Tensor attend(const at::Tensor& x, const AttentionSpec& spec, const AttentionWeights& weights,
                  const AttentionContext& context) {
    const Projected all = project(x, spec, weights, context);
    const TokenBatch& batch = context.batch;
    std::vector<at::Tensor> parts;
    for (std::size_t first = 0; first < batch.prompts();) {
        const std::int64_t begin = batch.begin(first);
        const std::int64_t length = batch.end(first) - begin;
        std::size_t last = first + 1;
        while (last < batch.prompts() && batch.end(last) - batch.begin(last) == length) ++last;
        const auto prompts = static_cast<std::int64_t>(last - first);
        first = last;
        if (length == 0) continue;
        const auto rows = [&](const at::Tensor& t) { return t.narrow(0, begin, prompts * length); };
        parts.push_back(
            attend_equal_lengths({rows(all.query), rows(all.key), rows(all.value)}, prompts, spec));
    }
    const at::Tensor mixed = parts.size() == 1 ? parts.front() : at::cat(parts);
    return context.arithmetic.linear(mixed, weights.output);
}

}  // namespace alluvium
