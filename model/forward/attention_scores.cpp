#include <algorithm>
#include <cassert>
#include <limits>

#include <ATen/ATen.h>

#include "model/forward/attention_rows.h"
#include "model/forward/row_order.h"

namespace alluvium {
namespace {

constexpr double kHidden = -std::numeric_limits<double>::infinity();

// Scores held at a time where the fused kernel cannot be used: 128 MB.
constexpr std::int64_t kScoresAtOnce = 32 << 20;

// Of prompts of equal length. The queries are those of the last n tokens.
struct Heads {
    at::Tensor query;  // [P, A, n, D]
    at::Tensor key;    // [P, A, L, D]
    at::Tensor value;  // [P, A, L, Dv]

    std::int64_t rows() const { return query.size(2); }
    std::int64_t length() const { return key.size(2); }
    std::int64_t past() const { return length() - rows(); }
};

// Who stands where in prompts of equal length.
struct Places {
    at::Tensor position;  // [L]
    at::Tensor branch;    // [L] as in RowOrder; undefined where no prompt has branches
};

Places places_of(const TokenBatch& batch, std::size_t prompt, at::Device device) {
    const std::int64_t length = batch.end(prompt) - batch.begin(prompt);
    if (batch.branches.empty()) return {at::arange(length, at::TensorOptions(device)), {}};
    const RowOrder order = row_order(batch, prompt);
    const at::TensorOptions type(at::kLong);
    const bool branched = order.branch.back() > 0;
    return {at::tensor(order.position, type).to(device),
            branched ? at::tensor(order.branch, type).to(device) : at::Tensor()};
}

// [rows, heads, D] of `prompts` prompts of equal length -> [prompts, heads, length, D]; key/value
// heads are repeated for the query heads that share them.
at::Tensor by_head(const at::Tensor& rows, std::int64_t prompts, std::int64_t heads) {
    const std::int64_t repeat = heads / rows.size(1);
    const at::Tensor split = rows.unflatten(0, {prompts, rows.size(0) / prompts}).transpose(1, 2);
    return repeat == 1 ? split : split.repeat_interleave(repeat, 1);
}

// True where the token in row `first` + i may not look at the one in row j.
at::Tensor hidden_keys(const Places& places, std::int64_t first, std::int64_t rows,
                       const AttentionSpec& spec) {
    const at::Tensor distance =
        places.position.narrow(0, first, rows).unsqueeze(1) - places.position.unsqueeze(0);
    at::Tensor hidden = distance.lt(0);
    if (spec.window > 0) hidden = hidden.logical_or(distance.ge(spec.window));
    if (spec.chunk > 0) {
        const at::Tensor chunk = places.position.div(spec.chunk, "floor");
        hidden =
            hidden.logical_or(chunk.narrow(0, first, rows).unsqueeze(1).ne(chunk.unsqueeze(0)));
    }
    if (!places.branch.defined()) return hidden;
    const at::Tensor own = places.branch.narrow(0, first, rows).unsqueeze(1);
    const at::Tensor other = places.branch.unsqueeze(0);
    return hidden.logical_or(other.ne(0).logical_and(other.ne(own)));
}

// The library's fused kernel, which wants values as wide as queries.
at::Tensor mix_fused(const Heads& heads, const Places& places, const AttentionSpec& spec) {
    const std::int64_t rows = heads.rows();
    const bool masked = (spec.window > 0 && heads.length() > spec.window) ||
                        (spec.chunk > 0 && heads.length() > spec.chunk) ||
                        places.branch.defined() || (heads.past() > 0 && rows > 1);
    std::optional<at::Tensor> mask;
    if (masked) {
        mask = at::zeros({rows, heads.length()}, heads.query.options())
                   .masked_fill(hidden_keys(places, heads.past(), rows, spec), kHidden);
    }
    const bool causal = !masked && rows > 1;  // a last token sees all
    const std::int64_t width = heads.value.size(-1);
    const std::int64_t missing = heads.query.size(-1) - width;
    const at::Tensor value =
        missing > 0 ? at::constant_pad_nd(heads.value, {0, missing}) : heads.value;
    return at::scaled_dot_product_attention(heads.query, heads.key, value, mask,
                                            /*dropout_p=*/0.0, causal, spec.scale)
        .narrow(-1, 0, width);
}

// Softmax over the keys and, where there are sinks, a head's own score of seeing nothing.
at::Tensor probabilities(const at::Tensor& scores, const at::Tensor& sinks) {
    if (!sinks.defined()) return scores.softmax(-1);
    at::IntArrayRef shape = scores.sizes();
    const at::Tensor sink = sinks.view({1, -1, 1, 1}).expand({shape[0], shape[1], shape[2], 1});
    return at::cat({scores, sink}, -1).softmax(-1).narrow(-1, 0, shape[3]);
}

// Step by step in f32, some query rows at a time, with what the fused kernel does not know.
at::Tensor mix_stepwise(const Heads& heads, const Places& places, const AttentionSpec& spec,
                        const at::Tensor& sinks) {
    const std::int64_t per_row = heads.query.size(0) * heads.query.size(1) * heads.length();
    const std::int64_t step = std::max<std::int64_t>(1, kScoresAtOnce / per_row);
    const at::Tensor key = heads.key.to(at::kFloat).transpose(-1, -2);
    const at::Tensor value = heads.value.to(at::kFloat);
    std::vector<at::Tensor> parts;
    for (std::int64_t first = 0; first < heads.rows(); first += step) {
        const std::int64_t rows = std::min(step, heads.rows() - first);
        const at::Tensor query = heads.query.narrow(2, first, rows).to(at::kFloat);
        at::Tensor scores = at::matmul(query, key) * spec.scale;
        if (spec.softcap) scores = (scores / *spec.softcap).tanh() * *spec.softcap;
        scores = scores.masked_fill(hidden_keys(places, heads.past() + first, rows, spec), kHidden);
        parts.push_back(at::matmul(probabilities(scores, sinks), value));
    }
    return at::cat(parts, 2).to(heads.query.scalar_type());
}

// After the prompts of equal length that start with `first`; one with branches stands alone.
std::size_t end_of_run(const TokenBatch& batch, std::size_t first) {
    const auto length = [&](std::size_t prompt) { return batch.end(prompt) - batch.begin(prompt); };
    const auto branched = [&](std::size_t prompt) {
        return !batch.branches.empty() && !batch.branches_of(prompt).empty();
    };
    std::size_t end = first + 1;
    if (branched(first)) return end;
    while (end < batch.prompts() && length(end) == length(first) && !branched(end)) ++end;
    return end;
}

// [P n, A Dv]
at::Tensor mix(const Heads& heads, const Places& places, const AttentionSpec& spec,
               const at::Tensor& sinks) {
    const at::Tensor mixed = spec.softcap || sinks.defined()
                                 ? mix_stepwise(heads, places, spec, sinks)
                                 : mix_fused(heads, places, spec);
    return mixed.transpose(1, 2).reshape(
        {mixed.size(0) * heads.rows(), spec.heads * mixed.size(-1)});
}

}  // namespace

at::Tensor mix_values(const AttentionRows& rows, const AttentionSpec& spec,
                      const AttentionWeights& weights, const TokenBatch& batch) {
    std::vector<at::Tensor> parts;
    for (std::size_t first = 0; first < batch.prompts();) {
        const std::int64_t begin = batch.begin(first);
        const std::int64_t length = batch.end(first) - begin;
        const std::size_t last = end_of_run(batch, first);
        const auto prompts = static_cast<std::int64_t>(last - first);
        if (length == 0) {
            first = last;
            continue;
        }
        const Places places = places_of(batch, first, rows.query.device());
        first = last;
        const auto heads = [&](const at::Tensor& t) {
            return by_head(t.narrow(0, begin, prompts * length), prompts, spec.heads);
        };
        const Heads own{heads(rows.query), heads(rows.key), heads(rows.value)};
        parts.push_back(mix(own, places, spec, weights.sinks));
    }
    return parts.size() == 1 ? parts.front() : at::cat(parts);
}

at::Tensor mix_remembered(const AttentionRows& rows, const AttentionSpec& spec,
                          const AttentionWeights& weights, const TokenBatch& batch,
                          const LayerMemory& memory) {
    assert(batch.branches.empty());
    std::vector<at::Tensor> parts;
    for (std::size_t prompt = 0; prompt < batch.prompts(); ++prompt) {
        const std::int64_t begin = batch.begin(prompt);
        const std::int64_t count = batch.end(prompt) - begin;
        if (count == 0) continue;
        PromptMemory& own = *memory.prompts[prompt];
        own.append(memory.layer, rows.key.narrow(0, begin, count),
                   rows.value.narrow(0, begin, count));
        const at::Tensor keys = own.keys(memory.layer);
        const Places places{at::arange(keys.size(0), at::TensorOptions(keys.device())), {}};
        const Heads heads{by_head(rows.query.narrow(0, begin, count), 1, spec.heads),
                          by_head(keys, 1, spec.heads),
                          by_head(own.values(memory.layer), 1, spec.heads)};
        parts.push_back(mix(heads, places, spec, weights.sinks));
    }
    return parts.size() == 1 ? parts.front() : at::cat(parts);
}

}  // namespace alluvium
