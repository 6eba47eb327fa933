#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/evaluate/token_losses.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// A prompt and one continuation, tokenized as one text.
struct TokenizedChoice {
    std::vector<std::int64_t> ids;
    std::size_t scored_from = 1;  // first token of the continuation; at least one stands before it
};

// Prompts with their continuations, packed for one forward pass, and what its rows have to predict.
class ChoiceBatch {
  public:
    // The tokens that append() would add.
    static std::uint64_t cost(std::span<const TokenizedChoice> choices);
    void append(std::span<const TokenizedChoice> choices);

    const TokenBatch& tokens() const { return tokens_; }
    // Of all choices in order, each choice's tokens from `scored_from` on.
    const std::vector<PredictedToken>& predicted() const { return predicted_; }

  private:
    TokenBatch tokens_;
    std::vector<PredictedToken> predicted_;
};

}  // namespace alluvium
