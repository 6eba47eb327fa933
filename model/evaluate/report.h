#pragma once
// An evaluation as JSON and CSV, for scripts and for tables of several evaluations.
#include <optional>
#include <string>

#include "base/json.h"
#include "model/evaluate/score_tables.h"

namespace alluvium {

// What one evaluation measured; nothing where it was not asked for.
struct Evaluation {
    std::string checkpoint;     // folder, as given
    std::string checkpoint_id;  // content id
    std::string route;          // "model" | "language"
    std::string score;          // of the questions
    std::optional<AccuracyTable> questions, topics;
    std::optional<LossTable> texts;
};

// {"languages": {L: {"questions", "correct", "accuracy", "low", "high", "invalid", "unanswered"}},
//  "major": {"value", "low", "high", "languages"}, "minor", "average",
//  "guessing", "most_frequent"}; an average without languages is null.
Json accuracy_json(const AccuracyTable& table);

// The same with {"texts", "tokens", "bytes", "nats", "nats_per_token", "nats_per_byte", "low",
// "high"}.
Json loss_json(const LossTable& table);

// The questions' table at the top, "topics" and "texts" below their names, and what was evaluated
// under "evaluation".
Json evaluation_json(const Evaluation& evaluation);

// RFC 4180, a header row, a row per measure and language, then the averages as languages "major",
// "minor" and "average". Empty where a number is missing. measure: "questions", "topics",
// "nats_per_byte".
std::string evaluation_csv(const Evaluation& evaluation);

}  // namespace alluvium
