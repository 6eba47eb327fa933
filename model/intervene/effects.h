#pragma once
// What a change does to the model's predictions, token by token, against the unchanged run of the
// same batch.
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/forward/routing_observer.h"

namespace alluvium {

// Keeps what an unchanged run predicts: log p over the vocabulary for every row. [T, V] f32 in
// memory.
class BasePredictions : public RoutingObserver {
  public:
    // `keep_before`: the residual stream before this layer is kept too.
    explicit BasePredictions(LayerId keep_before) : keep_before_(keep_before) {}

    bool wants_hidden() const override { return true; }
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_hidden(LayerId layer, const at::Tensor& hidden) override;
    void on_output(std::int64_t first_row, const at::Tensor& logits) override;

    const at::Tensor& hidden() const { return hidden_; }  // [T, H]
    // [n, V] of the rows from `first_row` on, as on_output brought them.
    const at::Tensor& log_p(std::int64_t first_row) const;

  private:
    LayerId keep_before_;
    at::Tensor hidden_;
    std::vector<std::int64_t> first_rows_;
    std::vector<at::Tensor> log_p_;
};

// Of one token's prediction. Natural logarithm.
struct TokenEffect {
    double nll_change = 0;  // -log p'(next) + log p(next); above 0: predicted worse
    double kl = 0;          // KL(p || p') over the vocabulary, p unchanged
    bool top1_changed = false;
};

// Compares a changed run with the unchanged one.
class EffectObserver : public RoutingObserver {
  public:
    // `next` [T]: the token that each row has to predict, -1: the row is not judged.
    EffectObserver(const BasePredictions& base, std::span<const std::int64_t> next)
        : base_(base), next_(next), effects_(next.size()) {}

    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_output(std::int64_t first_row, const at::Tensor& logits) override;

    // [T]; nothing where the row is not judged or a number is not finite.
    const std::vector<std::optional<TokenEffect>>& effects() const { return effects_; }

  private:
    const BasePredictions& base_;
    std::span<const std::int64_t> next_;
    std::vector<std::optional<TokenEffect>> effects_;
};

}  // namespace alluvium
