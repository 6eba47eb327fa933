#pragma once
// Follows one token's prediction back through the model, and looks into it on the way.
#include <optional>
#include <string>

#include "base/progress.h"
#include "captures/information_flow.h"
#include "model/capture/engine.h"
#include "model/forward/token_batch.h"

namespace alluvium {

struct FlowOptions {
    std::optional<std::uint32_t> token{};  // place in the prompt; nothing: the last
    double threshold = 0.04;               // share of a layer's output that an edge has to bring
    std::size_t words = 5;                 // tokens named as promoted, suppressed, predicted
    AddBos add_bos = AddBos::automatic;
};

// The prompt's tokens, packed alone, and the texts they cover. UserError where there are none, or
// the checkpoint has no tokenizer.
struct FlowPrompt {
    TokenBatch batch;
    std::vector<FlowToken> tokens;
};
FlowPrompt flow_prompt(const Engine& engine, const std::string& text, AddBos add_bos);

// The place that the options name. UserError where the prompt has no such token.
std::uint32_t chosen_token(const FlowOptions& options, std::size_t tokens);

// Edges of the chosen token's stream from the last layer down: of every token reached, those parts
// of the layer's output y = residual + parts whose contribution
//   proximity_j / sum of proximities, proximity_j = max(|y|_1 - |y - x_j|_1, 1e-5)
// is at least the threshold (arXiv 2403.00824). Heads that look at the same token are one edge. An
// attention edge leads to its key's token, every other one to the token itself. UserError where the
// token is not there; throws Cancelled.
InformationFlow information_flow(const Engine& engine, const std::string& text,
                                 const FlowOptions& options, Progress& progress);

}  // namespace alluvium
