#pragma once
// Scores a checkpoint, language by language:
//
//     const Engine engine = load_engine(folder, {});
//     const QuestionSet topics = topic_questions(read_prompt_files({"sib200-dev.tsv"}));
//     const AccuracyTable accuracy = evaluate_topics(engine, topics, options, progress);
//     const LossTable loss = evaluate_texts(engine, texts, options, progress);
//
// Equal inputs, options and number of threads give equal results. All throw Cancelled.
#include <optional>
#include <string_view>
#include <vector>

#include "model/evaluate/continuations.h"
#include "model/evaluate/score_tables.h"

namespace alluvium {

// How a multiple-choice question is put and which option counts as the answer.
enum class ScoreRule {
    text,    // the most likely option by its text, nats per byte; the options are not shown
    letter,  // the most likely letter, after the options with their letters
};

ScoreRule parse_score_rule(std::string_view word);  // "text" | "letter"; UserError

struct EvaluationOptions {
    ScoreRule score = ScoreRule::text;
    ScoringOptions scoring;
    std::int64_t window_tokens = 256;  // see TextLossOptions
    std::uint64_t seed = 1;            // of the questions in front of a question
    BootstrapOptions bootstrap;
};

// The option chosen for each question, by its score rule; nothing where a cost is not finite.
std::vector<std::optional<std::size_t>> answer_questions(const Engine& engine,
                                                         const QuestionSet& set,
                                                         const EvaluationOptions& options,
                                                         Progress& progress);

AccuracyTable evaluate_questions(const Engine& engine, const QuestionSet& set,
                                 const EvaluationOptions& options, Progress& progress);

// The published protocol (see ApolloProtocol): a greedy answer to a prompt with solved questions in
// front. Questions that it skips for their length are counted as invalid. Progress counts
// questions.
AccuracyTable evaluate_by_apollo_protocol(const Engine& engine, const QuestionSet& set,
                                          const EvaluationOptions& options, Progress& progress);

// Each text is followed by a line "Topic: ..."; the answer is the topic whose whole name is most
// likely there.
AccuracyTable evaluate_topics(const Engine& engine, const QuestionSet& set,
                              const EvaluationOptions& options, Progress& progress);

LossTable evaluate_texts(const Engine& engine, const std::vector<Prompt>& texts,
                         const EvaluationOptions& options, Progress& progress);

}  // namespace alluvium
