#pragma once
// How well a model predicts texts, in nats per byte: comparable between tokenizers, and what a
// small model can be told apart by.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "captures/prompt_file.h"
#include "model/evaluate/language_pass.h"
#include "model/evaluate/statistics.h"

namespace alluvium {

struct TextLossOptions {
    EvaluationRoute route = EvaluationRoute::model;
    // As in a training run's validation, whose numbers these are: texts of a language follow each
    // other in windows of so many tokens, in an order that the seed decides.
    std::int64_t window_tokens = 256;
    std::int64_t windows = 8;  // at a time
    std::uint64_t seed = 1;
};

struct TextLoss {
    std::string language;
    std::uint64_t texts = 0;
    std::uint64_t tokens = 0;  // predicted
    std::uint64_t bytes = 0;
    double nats = 0;               // over all tokens
    std::vector<RatioUnit> units;  // per text: nats over bytes; none for texts of token ids
};

// One entry per language, in alphabetical order of labels. Progress counts tokens. UserError where
// a text cannot be tokenized; throws Cancelled.
std::vector<TextLoss> text_losses(const Engine& engine, const std::vector<Prompt>& texts,
                                  const TextLossOptions& options, Progress& progress);

}  // namespace alluvium
