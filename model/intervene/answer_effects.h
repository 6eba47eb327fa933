#pragma once
// What a change of routing does to answers to multiple-choice questions.
#include <string>
#include <vector>

#include "base/progress.h"
#include "model/capture/engine.h"
#include "model/evaluate/evaluate.h"
#include "model/intervene/intervene.h"

namespace alluvium {

struct AnswerEffect {
    std::string language;
    std::size_t questions = 0;
    double accuracy = 0;  // unchanged
    double changed = 0;
    Effect change;  // changed - accuracy; controls that lose at least as much count in at_least
};

// The variants of an InterventionResult, each asked all questions. Alphabetical by language.
// Progress counts the tokens of one run after the other. Throws Cancelled.
std::vector<AnswerEffect> answer_effects(const Engine& engine, const QuestionSet& set,
                                         const std::vector<Variant>& variants,
                                         const EvaluationOptions& options, Progress& progress);

}  // namespace alluvium
