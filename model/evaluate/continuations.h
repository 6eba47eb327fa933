#pragma once
// How likely a model finds each of several ways to go on from a prompt.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "model/evaluate/language_pass.h"

namespace alluvium {

struct ScoringOptions {
    EvaluationRoute route = EvaluationRoute::model;
    std::uint64_t batch_tokens = 2048;  // prompts are never split; a longer one is a batch alone
    // The prompt is computed once for all its continuations. The same numbers within rounding.
    bool share_prompt = true;
    std::shared_ptr<const RoutingEdit> edit{};  // a change of the routing; null: none
};

struct ChoicePrompt {
    std::string id;  // for errors
    std::string language;
    std::string prompt;
    std::vector<std::string> continuations;  // appended to the prompt as they are
};

struct ContinuationLoss {
    double nats = 0;           // -log p(continuation | prompt), natural logarithm
    std::uint32_t tokens = 0;  // that the continuation takes
};

// [prompts][continuations]. Prompt and continuation are tokenized as one text; a token that begins
// in the prompt and ends in the continuation counts to the continuation. Progress counts tokens.
// UserError names a prompt that cannot be tokenized; throws Cancelled.
std::vector<std::vector<ContinuationLoss>> score_continuations(
    const Engine& engine, std::span<const ChoicePrompt> prompts, const ScoringOptions& options,
    Progress& progress);

}  // namespace alluvium
