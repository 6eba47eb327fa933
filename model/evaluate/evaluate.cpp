#include "model/evaluate/evaluate.h"

#include <cmath>
#include <functional>

#include "base/error.h"
#include "model/evaluate/apollo_protocol.h"
#include "model/evaluate/greedy.h"

namespace alluvium {
namespace {

using MakePrompt = std::function<ChoicePrompt(const Question&)>;
// Of one option; the smallest wins.
using OptionCost = std::function<double(const ContinuationLoss&, const std::string& option)>;

std::string stem_of(const Question& question) {
    const std::string context = question.context.empty() ? "" : question.context + "\n";
    return context + "Question: " + question.text + "\n";
}

// " X" for each: the space belongs to the continuation, as it does in running text.
ChoicePrompt with_options(const Question& question, std::string prompt,
                          const std::vector<std::string>& options) {
    ChoicePrompt result{question.id, question.language, std::move(prompt), {}};
    for (const std::string& option : options) result.continuations.push_back(" " + option);
    return result;
}

ChoicePrompt text_prompt(const Question& question) {
    return with_options(question, stem_of(question) + "Answer:", question.options);
}

ChoicePrompt letter_prompt(const Question& question) {
    std::string prompt = stem_of(question);
    std::vector<std::string> letters;
    for (std::size_t o = 0; o < question.options.size(); ++o) {
        letters.emplace_back(1, option_letter(o));
        prompt += letters.back() + ". " + question.options[o] + "\n";
    }
    return with_options(question, prompt + "Answer:", letters);
}

ChoicePrompt topic_prompt(const Question& question) {
    return with_options(question, question.text + "\nTopic:", question.options);
}

double per_byte(const ContinuationLoss& loss, const std::string& option) {
    return loss.nats / static_cast<double>(option.size());
}

double whole(const ContinuationLoss& loss, const std::string&) {
    return loss.nats;
}

// Ties go to the earlier option; nothing where a cost is not a finite number.
std::optional<std::size_t> cheapest(const std::vector<ContinuationLoss>& losses,
                                    const Question& question, const OptionCost& cost) {
    std::size_t best = 0;
    std::vector<double> costs;
    for (std::size_t o = 0; o < losses.size(); ++o) {
        costs.push_back(cost(losses[o], question.options[o]));
        if (!std::isfinite(costs.back())) return std::nullopt;
        if (costs[o] < costs[best]) best = o;
    }
    return best;
}

using ChosenOptions = std::vector<std::optional<std::size_t>>;

ChosenOptions choose(const Engine& engine, const QuestionSet& set, const EvaluationOptions& options,
                     const MakePrompt& make, const OptionCost& cost, Progress& progress) {
    std::vector<ChoicePrompt> prompts;
    for (const Question& question : set.questions) prompts.push_back(make(question));
    const auto losses = score_continuations(engine, prompts, options.scoring, progress);
    ChosenOptions chosen;
    for (std::size_t q = 0; q < losses.size(); ++q) {
        chosen.push_back(cheapest(losses[q], set.questions[q], cost));
    }
    return chosen;
}

}  // namespace

ScoreRule parse_score_rule(std::string_view word) {
    if (word == "text") return ScoreRule::text;
    if (word == "letter") return ScoreRule::letter;
    throw UserError("--score: '" + std::string(word) + "' is none of text, letter");
}

ChosenOptions answer_questions(const Engine& engine, const QuestionSet& set,
                               const EvaluationOptions& options, Progress& progress) {
    if (options.score == ScoreRule::letter) {
        return choose(engine, set, options, letter_prompt, whole, progress);
    }
    return choose(engine, set, options, text_prompt, per_byte, progress);
}

AccuracyTable evaluate_questions(const Engine& engine, const QuestionSet& set,
                                 const EvaluationOptions& options, Progress& progress) {
    return accuracy_table(set, answer_questions(engine, set, options, progress), options.bootstrap);
}

AccuracyTable evaluate_by_apollo_protocol(const Engine& engine, const QuestionSet& set,
                                          const EvaluationOptions& options, Progress& progress) {
    const ApolloProtocol protocol = ApolloProtocol::load();
    QuestionSet asked;
    asked.unreadable = set.unreadable;
    std::vector<GreedyPrompt> prompts;
    for (std::size_t q = 0; q < set.questions.size(); ++q) {
        const Question& question = set.questions[q];
        if (const auto prompt = protocol.prompt(set, q, options.seed)) {
            asked.questions.push_back(question);
            prompts.push_back({question.id, question.language, *prompt});
        } else {
            asked.unreadable.push_back(
                {question.id, question.language,
                 "longer than " + std::to_string(protocol.max_characters()) + " characters"});
        }
    }
    const GreedyOptions greedy{
        .route = options.scoring.route,
        .batch_tokens = options.scoring.batch_tokens,
        .min_new_tokens = protocol.min_new_tokens(),
        .max_new_tokens = protocol.max_new_tokens(),
        .enough = [](std::string_view answer) { return has_full_line(answer); }};
    ChosenOptions chosen;
    for (const std::string& answer : answer_greedily(engine, prompts, greedy, progress)) {
        chosen.push_back(apollo_answer(answer));
    }
    return accuracy_table(asked, chosen, options.bootstrap);
}

AccuracyTable evaluate_topics(const Engine& engine, const QuestionSet& set,
                              const EvaluationOptions& options, Progress& progress) {
    return accuracy_table(set, choose(engine, set, options, topic_prompt, whole, progress),
                          options.bootstrap);
}

LossTable evaluate_texts(const Engine& engine, const std::vector<Prompt>& texts,
                         const EvaluationOptions& options, Progress& progress) {
    TextLossOptions losses{.route = options.scoring.route, .window_tokens = options.window_tokens};
    losses.windows = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(options.scoring.batch_tokens) / options.window_tokens);
    return loss_table(text_losses(engine, texts, losses, progress), options.bootstrap);
}

}  // namespace alluvium
