#include "model/flow/token_mixture.h"

#include <limits>

#include <ATen/ATen.h>

#include "model/forward/attention_rows.h"
#include "model/forward/delta_rule.h"

namespace alluvium {
namespace {

constexpr double kHidden = -std::numeric_limits<double>::infinity();

class AttentionMixer final : public TokenMixer {
  public:
    AttentionMixer(const at::Tensor& x, const AttentionSpec& spec, const AttentionWeights& weights,
                   const AttentionContext& context)
        : spec_(spec), sinks_(weights.sinks), rows_(project(x, spec, weights, context)) {
        if (!weights.gate) return;
        gate_ = context.arithmetic.linear(x, *weights.gate).to(at::kFloat).sigmoid();
    }

    TokenMixture into(std::int64_t row) const override {
        const at::Tensor value = by_head(rows_.value, row + 1);
        return {probabilities(row), value,
                gate_.defined() ? gate_[row].view({spec_.heads, value.size(2)}) : at::Tensor()};
    }

  private:
    // The first `count` rows of keys or values, for every query head. [A, count, width]
    at::Tensor by_head(const at::Tensor& rows, std::int64_t count) const {
        return rows.narrow(0, 0, count)
            .to(at::kFloat)
            .transpose(0, 1)
            .repeat_interleave(spec_.heads / rows.size(1), 0);
    }

    // The first key that the token sees.
    std::int64_t first_seen(std::int64_t row) const {
        std::int64_t first = 0;
        if (spec_.window > 0) first = std::max(first, row + 1 - spec_.window);
        if (spec_.chunk > 0) first = std::max(first, row / spec_.chunk * spec_.chunk);
        return first;
    }

    // [A, row + 1]. Does not sum to 1 where there are sinks.
    at::Tensor probabilities(std::int64_t row) const {
        const at::Tensor query = rows_.query[row].to(at::kFloat).unsqueeze(2);  // [A, D, 1]
        at::Tensor scores = at::matmul(by_head(rows_.key, row + 1), query).squeeze(2) * spec_.scale;
        if (spec_.softcap) scores = (scores / *spec_.softcap).tanh() * *spec_.softcap;
        scores.narrow(1, 0, first_seen(row)).fill_(kHidden);
        if (!sinks_.defined()) return scores.softmax(1);
        return at::cat({scores, sinks_.view({-1, 1})}, 1).softmax(1).narrow(1, 0, row + 1);
    }

    const AttentionSpec& spec_;
    at::Tensor sinks_;
    AttentionRows rows_;
    at::Tensor gate_;  // [T, A Dv] or undefined
};

class DeltaMixer final : public TokenMixer {
  public:
    DeltaMixer(const at::Tensor& x, const AttentionSpec& spec, const AttentionWeights& weights,
               const AttentionContext& context)
        : reading_(delta_reading(x, *spec.delta, *weights.delta, context)),
          norm_(weights.delta->norm) {}

    TokenMixture into(std::int64_t row) const override {
        const std::int64_t count = row + 1;
        const at::Tensor shares = reading_.shares.select(1, row).narrow(1, 0, count);
        const at::Tensor values = reading_.value.narrow(1, 0, count);
        const at::Tensor read = at::matmul(shares.unsqueeze(1), values).squeeze(1);  // [VH, VD]
        const at::Tensor scale = at::rsqrt(read.square().mean(1, /*keepdim=*/true) + norm_.epsilon);
        return {shares, values, scale * norm_.weight.to(at::kFloat) * reading_.gate[row]};
    }

  private:
    DeltaReading reading_;
    NormWeights norm_;  // of root mean square, each head by itself
};

}  // namespace

std::unique_ptr<const TokenMixer> token_mixer(const at::Tensor& x, const AttentionSpec& spec,
                                              const AttentionWeights& weights,
                                              const AttentionContext& context) {
    if (spec.delta) return std::make_unique<DeltaMixer>(x, spec, weights, context);
    return std::make_unique<AttentionMixer>(x, spec, weights, context);
}

}  // namespace alluvium
