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

// The length of the beginning that all choices share and none of whose tokens is scored.
std::size_t shared_length(std::span<const TokenizedChoice> choices);

// Prompts with their continuations, packed for one forward pass, and what its rows have to predict.
class ChoiceBatch {
  public:
    explicit ChoiceBatch(bool share_prompt) : share_prompt_(share_prompt) {}

    // The tokens that append() would add.
    std::uint64_t cost(std::span<const TokenizedChoice> choices) const;
    void append(std::span<const TokenizedChoice> choices);

    const TokenBatch& tokens() const { return tokens_; }
    // Of all choices in order, each choice's tokens from `scored_from` on.
    const std::vector<PredictedToken>& predicted() const { return predicted_; }

  private:
    void append_shared(std::span<const TokenizedChoice> choices, std::size_t trunk);

    bool share_prompt_;
    TokenBatch tokens_;
    std::vector<PredictedToken> predicted_;
};

}  // namespace alluvium
