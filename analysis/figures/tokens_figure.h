#pragma once
// Prompts token by token in the colours of the experts that one layer chose for them, and the
// tokens that each expert takes more often than it takes any.
#include "analysis/figures/figure.h"
#include "analysis/prompt_routes.h"

namespace alluvium {

struct TokensFigureOptions {
    double width = 0;               // points; 0: 720
    std::size_t most_tokens = 60;   // per prompt; the rest is left out, and said so
    std::size_t most_experts = 32;  // in the table, the busiest
};

// Data: kind "token" (layer, expert: its best, group: the label), values "token" (its text), "token
// id", "experts" (all, best first); kind "expert token" (layer, expert, group: the token's text),
// values "selections", "lift", "token id".
Figure tokens_figure(const LayerTokens& tokens, const TokensFigureOptions& options,
                     const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
