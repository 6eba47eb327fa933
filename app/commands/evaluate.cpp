#include "model/evaluate/evaluate.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "app/commands/command.h"
#include "app/commands/model_options.h"
#include "base/error.h"
#include "base/files.h"
#include "captures/languages.h"
#include "captures/published.h"
#include "model/evaluate/report.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint;
    std::vector<std::string> questions, topics, texts;
    std::string score = "text";
    std::string protocol = "plain";
    std::string route = "model";
    std::string csv;
    std::size_t limit = 0;
    std::uint64_t seed = 1;
    EngineOptions engine;
    EvaluationOptions evaluation;
    JsonOption json;
};

// What is to be scored, read before the checkpoint is: a wrong file is told at once.
struct Inputs {
    std::optional<QuestionSet> questions, topics;
    std::vector<Prompt> texts;
};

// Every file's first `limit` prompts.
std::vector<Prompt> read_texts(const std::vector<std::string>& paths, std::size_t limit) {
    if (limit == 0) return read_prompt_files(paths);
    std::vector<Prompt> all;
    for (const std::string& path : paths) {
        std::vector<Prompt> prompts = read_prompt_files({path});
        prompts.resize(std::min(limit, prompts.size()));
        all.insert(all.end(), prompts.begin(), prompts.end());
    }
    return all;
}

Inputs read_inputs(const Options& options) {
    if (options.questions.empty() && options.topics.empty() && options.texts.empty()) {
        throw UserError("nothing to evaluate on",
                        "give --questions F..., --topics F... or --text F...");
    }
    Inputs inputs;
    if (!options.questions.empty()) {
        const bool apollo = options.protocol == "apollo";
        inputs.questions = read_question_files(
            options.questions,
            {.limit = options.limit,
             .several = apollo ? SeveralAnswers::first : SeveralAnswers::unreadable});
    }
    if (!options.topics.empty()) {
        inputs.topics = topic_questions(read_texts(options.topics, options.limit));
    }
    if (!options.texts.empty()) inputs.texts = read_texts(options.texts, options.limit);
    return inputs;
}

void tell_unreadable(const QuestionSet& set) {
    if (set.unreadable.empty()) return;
    note("note: " + std::to_string(set.unreadable.size()) +
         " records are no questions with one right option and are counted as invalid:");
    for (const UnreadableRecord& record : set.unreadable) {
        note("  " + record.id + ": " + record.reason);
    }
}

// ---- the terminal ---------------------------------------------------------------------------

std::string language_name(const std::string& label) {
    const Language* known = LanguageTable::instance().find(label);
    return known != nullptr ? known->name + " (" + known->code + ")" : label;
}

// "0.312 [0.281, 0.345]"
std::string with_interval(double value, const Interval& interval) {
    if (!std::isfinite(value)) return "-";
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.3f [%.3f, %.3f]", value, interval.low,
                  interval.high);
    return text.data();
}

void print_averages(const Averages& averages) {
    const auto print = [](const char* name, const std::optional<Average>& average, int of) {
        if (!average) return;
        const std::string held =
            std::to_string(average->languages) + (of > 0 ? " of " + std::to_string(of) : "");
        std::printf("%-26s %10s languages   %s\n", name, held.c_str(),
                    with_interval(average->value, average->interval).c_str());
    };
    print("major", averages.major, 12);
    print("minor", averages.minor, 38);
    print("average", averages.all, 0);
}

void print_accuracy(const std::string& title, const AccuracyTable& table) {
    std::printf("%s\n%-26s %10s %8s %10s %8s   %s\n", title.c_str(), "", "questions", "correct",
                "no answer", "invalid", "accuracy [95 %, Wilson]");
    for (const AccuracyRow& row : table.rows) {
        std::printf("%-26s %10llu %8llu %10llu %8llu   %s\n", language_name(row.language).c_str(),
                    static_cast<unsigned long long>(row.questions),
                    static_cast<unsigned long long>(row.correct),
                    static_cast<unsigned long long>(row.unanswered),
                    static_cast<unsigned long long>(row.invalid),
                    with_interval(row.accuracy, row.interval).c_str());
    }
    print_averages(table.averages);
    std::printf("guessing: %.3f; always the most frequent answer: %.3f\n\n", table.guessing,
                table.most_frequent);
}

void print_losses(const LossTable& table) {
    std::printf("nats per byte\n%-26s %10s %10s %10s   %s\n", "", "texts", "tokens", "bytes",
                "nats per byte [95 %, bootstrap]");
    for (const LossRow& row : table.rows) {
        std::printf("%-26s %10llu %10llu %10llu   %s\n", language_name(row.language).c_str(),
                    static_cast<unsigned long long>(row.texts),
                    static_cast<unsigned long long>(row.tokens),
                    static_cast<unsigned long long>(row.bytes),
                    with_interval(row.per_byte, row.interval).c_str());
    }
    print_averages(table.averages);
    std::printf("\n");
}

// Only where the questions were put as in the published evaluation.
void print_published() {
    std::printf("published (assets/published; its own test questions)%14s  %7s  %7s\n", "billions",
                "major", "minor");
    const auto cell = [](double value, int decimals) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
        return std::isfinite(value) ? std::string(text.data()) : std::string("-");
    };
    for (const PublishedRow& row : published_rows()) {
        std::printf("  %-40s %-9s %14s  %7s  %7s\n", row.model.c_str(), row.source.c_str(),
                    cell(row.active_billions, 2).c_str(), cell(row.major, 3).c_str(),
                    cell(row.minor, 3).c_str());
    }
    std::printf("\n");
}

void print(const Evaluation& evaluation) {
    if (evaluation.questions) {
        print_accuracy("questions (" + evaluation.score + ")", *evaluation.questions);
        if (evaluation.score == "apollo") print_published();
    }
    if (evaluation.topics) print_accuracy("topics", *evaluation.topics);
    if (evaluation.texts) print_losses(*evaluation.texts);
}

// ---- the command ----------------------------------------------------------------------------

Evaluation evaluate(const Inputs& inputs, const Engine& engine, const Options& options) {
    EvaluationOptions evaluation = options.evaluation;
    evaluation.score = parse_score_rule(options.score);
    evaluation.scoring.route = parse_evaluation_route(options.route);
    evaluation.seed = evaluation.bootstrap.seed = options.seed;
    const bool apollo = options.protocol == "apollo";
    Evaluation result;
    result.checkpoint = options.checkpoint;
    result.checkpoint_id = engine.checkpoint_id;
    result.route = options.route;
    result.score = apollo ? "apollo" : options.score;
    Progress progress;
    if (inputs.questions) {
        const ProgressLine line(progress, "asking questions", apollo ? "questions" : "tokens");
        result.questions =
            apollo ? evaluate_by_apollo_protocol(engine, *inputs.questions, evaluation, progress)
                   : evaluate_questions(engine, *inputs.questions, evaluation, progress);
    }
    if (inputs.topics) {
        const ProgressLine line(progress, "asking topics", "tokens");
        result.topics = evaluate_topics(engine, *inputs.topics, evaluation, progress);
    }
    if (!inputs.texts.empty()) {
        const ProgressLine line(progress, "predicting texts", "tokens");
        result.texts = evaluate_texts(engine, inputs.texts, evaluation, progress);
    }
    return result;
}

void run(const Options& options) {
    const Inputs inputs = read_inputs(options);
    if (inputs.questions) tell_unreadable(*inputs.questions);
    const Engine engine = load_engine(options.checkpoint, options.engine);
    const Evaluation evaluation = evaluate(inputs, engine, options);
    options.json.write(evaluation_json(evaluation));
    if (!options.csv.empty()) write_file_atomically(options.csv, evaluation_csv(evaluation));
    if (!options.json.to_stdout()) print(evaluation);
}

}  // namespace

void add_evaluate(CLI::App& program) {
    auto* command = program.add_subcommand(
        "evaluate", "Score a checkpoint, language by language: questions, topics, nats per byte");
    const auto options = std::make_shared<Options>();
    EvaluationOptions& evaluation = options->evaluation;
    command->add_option("CHECKPOINT", options->checkpoint, "Checkpoint folder")->required();
    command->add_option("--questions", options->questions,
                        "Multiple-choice questions: .json, .jsonl, .tsv");
    command->add_option("--topics", options->topics,
                        "Texts whose topic (column domain) is to be told: .tsv, .jsonl");
    command->add_option("--text", options->texts, "Texts to predict: .txt, .tsv, .jsonl");
    command
        ->add_option("--score", options->score,
                     "The answer to a question: the option whose text is most likely per byte, or "
                     "whose letter is")
        ->check(CLI::IsMember({"text", "letter"}))
        ->capture_default_str();
    command
        ->add_option("--protocol", options->protocol,
                     "How questions are put: plain (see --score), or apollo: as the published "
                     "evaluation does it, shown beside the published figures (a model that is "
                     "streamed is read once for each token of all answers that --memory holds)")
        ->check(CLI::IsMember({"plain", "apollo"}))
        ->capture_default_str();
    command
        ->add_option("--route", options->route,
                     "Who chooses the experts: the model, or the language given (lang-spec)")
        ->check(CLI::IsMember({"model", "language"}))
        ->capture_default_str();
    command->add_option("--window", evaluation.window_tokens, "Tokens of context for --text")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--limit", options->limit, "The first N records of each file only")
        ->check(CLI::PositiveNumber);
    command
        ->add_option("--seed", options->seed,
                     "Of the bootstrap, and of the solved questions in front (--protocol apollo)")
        ->capture_default_str();
    command
        ->add_option("--batch-tokens", evaluation.scoring.batch_tokens,
                     "Tokens per batch; questions are never split")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    add_engine_options(*command, options->engine);
    options->json.add_to(*command);
    command->add_option("--csv", options->csv, "Write the results as CSV");
    set_examples(*command,
                 "  alluvium evaluate trained --text sib200-dev.tsv --topics sib200-dev.tsv\n"
                 "  alluvium evaluate ~/models/Apollo-MoE-0.5B --questions apollo_dev_*.json "
                 "--protocol apollo --json scores.json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
