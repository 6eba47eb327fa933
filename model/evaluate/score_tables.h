#pragma once
// What an evaluation says, language by language.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/evaluate/question.h"
#include "model/evaluate/statistics.h"
#include "model/evaluate/text_losses.h"

namespace alluvium {

// Plain mean over languages, whatever their numbers of questions; 95 % by stratified bootstrap.
struct Average {
    double value = 0;
    Interval interval;
    std::size_t languages = 0;
};

// Nothing where no language of the kind was scored. Major: the 12 languages that
// assets/languages.json marks; minor: its other 38.
struct Averages {
    std::optional<Average> major, minor, all;
};

struct AccuracyRow {
    std::string language;
    std::uint64_t questions = 0;  // that were asked
    std::uint64_t correct = 0;
    std::uint64_t unanswered = 0;  // of these questions; they count as wrong
    std::uint64_t invalid = 0;     // records that are no question with one right option
    double accuracy = 0;           // correct / questions; NaN where there are none
    Interval interval;             // Wilson, 95 %
};

struct AccuracyTable {
    std::vector<AccuracyRow> rows;  // alphabetical by language
    Averages averages;
    // What takes no understanding, over all questions: the mean of 1 / options, and the share of
    // the option that is right most often.
    double guessing = 0;
    double most_frequent = 0;
};

struct LossRow {
    std::string language;
    std::uint64_t texts = 0;
    std::uint64_t tokens = 0;
    std::uint64_t bytes = 0;
    double nats = 0;
    double per_token = 0;
    double per_byte = 0;  // NaN where the texts are token ids
    Interval interval;    // of per_byte; bootstrap over texts, 95 %
};

struct LossTable {
    std::vector<LossRow> rows;
    Averages averages;  // of nats per byte
};

// `chosen[i]`: the option chosen for question i, nothing where the model gave no answer.
AccuracyTable accuracy_table(const QuestionSet& set,
                             std::span<const std::optional<std::size_t>> chosen,
                             const BootstrapOptions& options = {});

LossTable loss_table(std::span<const TextLoss> losses, const BootstrapOptions& options = {});

}  // namespace alluvium
