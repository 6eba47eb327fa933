#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "model/evaluate/language_pass.h"

namespace alluvium {

struct GreedyPrompt {
    std::string id;  // for errors
    std::string language;
    std::string text;
};

struct GreedyOptions {
    EvaluationRoute route = EvaluationRoute::model;
    std::uint64_t batch_tokens = 2048;
    std::int64_t min_new_tokens = 0;  // the end-of-text token is not chosen before
    std::int64_t max_new_tokens = 256;
    bool remember = true;  // keys and values of the text so far; see GreedyDecoder
    // Whether an answer can be left unfinished: what follows would not change its reading.
    std::function<bool(std::string_view answer)> enough;
};

// The most likely next token, again and again, until the end-of-text token; ties go to the lower
// id. [prompts] without the end-of-text token. Progress counts prompts. UserError names a prompt
// that cannot be tokenized; throws Cancelled.
std::vector<std::string> answer_greedily(const Engine& engine,
                                         std::span<const GreedyPrompt> prompts,
                                         const GreedyOptions& options, Progress& progress);

}  // namespace alluvium
