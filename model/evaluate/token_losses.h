#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/forward/routing_observer.h"

namespace alluvium {

// A token that a row of a batch has to predict. A row may have several: the last of a trunk
// predicts the first token of each branch.
struct PredictedToken {
    std::int64_t row = 0;
    std::int64_t id = 0;
};

// Reads -log p of given tokens, in nats, off a forward pass.
class TokenLosses : public RoutingObserver {
  public:
    explicit TokenLosses(std::span<const PredictedToken> tokens);

    // In the order of the tokens given; NaN until the pass has reached the token's row.
    const std::vector<double>& nats() const { return nats_; }

    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_output(std::int64_t first_row, const at::Tensor& logits) override;

  private:
    std::vector<PredictedToken> tokens_;  // ascending rows
    std::vector<std::size_t> place_;      // of each in the order given
    std::vector<double> nats_;
};

}  // namespace alluvium
