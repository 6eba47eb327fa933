#include "model/intervene/intervene.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "app/commands/command.h"
#include "app/commands/intervention_options.h"
#include "app/commands/model_options.h"
#include "base/error.h"
#include "model/intervene/report.h"

namespace alluvium {
namespace {

struct Options {
    std::string checkpoint;
    std::vector<std::string> prompts, questions;
    std::string needed_by, not_by;
    std::string add_bos = "auto";
    std::string score = "text";
    std::size_t limit = 0;
    double margin = NecessityOptions{}.margin;
    InterventionFlags flags;
    EngineOptions engine;
    InterveneOptions intervene;
    JsonOption json;
};

std::string number(const char* format, double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return std::isfinite(value) ? text.data() : "-";
}

std::string with_interval(const Estimate& e) {
    return number("%+.4f", e.value) + " [" + number("%+.4f", e.low) + ", " +
           number("%+.4f", e.high) + "]";
}

std::string spread(const ControlSpread& s) {
    return number("%+.4f", s.mean) + " +- " + number("%.4f", s.sd);
}

// What acted; several stand below each other.
std::string acting(const InterventionResult& result) {
    const Variant& together = result.together();
    if (together.size() == 1) return intervention_words(together.front());
    std::string text = std::to_string(together.size()) + " changes that act together:";
    for (const Intervention& change : together) text += "\n  " + intervention_words(change);
    return text;
}

std::string headline(const InterventionResult& result) {
    if (result.targets.empty()) return acting(result);
    std::uint64_t load = 0;
    for (const TargetLoad& target : result.targets) load += target.tokens;
    double sum = 0;
    for (const auto& control : result.controls) {
        for (const TargetLoad& target : control) sum += static_cast<double>(target.tokens);
    }
    return acting(result) + (result.together().size() == 1 ? ", chosen by " : "\nchosen by ") +
           std::to_string(load) + " tokens of the unchanged run; controls by " +
           number("%.0f", sum / static_cast<double>(result.controls.size())) + " on average";
}

void print(const InterventionResult& result) {
    std::printf("%s\n\n%-10s %7s %15s  %-27s %-18s %10s  %-16s  %-16s\n", headline(result).c_str(),
                "", "tokens", "visited (ctrl)", "NLL change, nats per token", "controls", "rank, p",
                "KL (ctrl)", "top-1 (ctrl)");
    for (const LanguageEffect& l : result.languages) {
        const ControlSpread& s = l.nll_change.spread;
        const std::string rank = std::to_string(s.at_least + 1) + "/" + std::to_string(s.n + 1) +
                                 " " + number("%.2f", s.p);
        std::printf(
            "%-10s %7llu %15s  %-27s %-18s %10s  %-16s  %-16s\n", l.language.c_str(),
            static_cast<unsigned long long>(l.tokens),
            (number("%.3f", l.visited) + " (" + number("%.3f", l.visited_by_controls) + ")")
                .c_str(),
            with_interval(l.nll_change.estimate).c_str(), spread(s).c_str(), rank.c_str(),
            (number("%.4f", l.kl.estimate.value) + " (" + number("%.4f", l.kl.spread.mean) + ")")
                .c_str(),
            (number("%.3f", l.top1_change.estimate.value) + " (" +
             number("%.3f", l.top1_change.spread.mean) + ")")
                .c_str());
    }
}

void print(const std::vector<Necessity>& answers) {
    if (answers.empty()) return;
    std::printf("\n%-10s %-12s %-10s %-12s  %-27s %s\n", "needed by", "", "not by", "",
                "difference", "exclusive");
    for (const Necessity& n : answers) {
        std::printf("%-10s %-12s %-10s %-12s  %-27s %s\n", n.by.c_str(),
                    need_word(n.by_need).c_str(), n.not_by.c_str(),
                    need_word(n.not_by_need).c_str(), with_interval(n.difference).c_str(),
                    n.exclusive ? "yes" : "no");
    }
    std::printf("\n");
    for (const Necessity& n : answers) std::printf("%s\n", n.sentence.c_str());
}

void print(const std::vector<AnswerEffect>& answers) {
    if (answers.empty()) return;
    std::printf("\n%-10s %9s %9s %9s  %-27s %-18s %10s\n", "", "questions", "accuracy", "changed",
                "change", "controls", "rank, p");
    for (const AnswerEffect& a : answers) {
        const ControlSpread& s = a.change.spread;
        const std::string rank = std::to_string(s.at_least + 1) + "/" + std::to_string(s.n + 1) +
                                 " " + number("%.2f", s.p);
        std::printf("%-10s %9zu %9.3f %9.3f  %-27s %-18s %10s\n", a.language.c_str(), a.questions,
                    a.accuracy, a.changed, with_interval(a.change.estimate).c_str(),
                    spread(s).c_str(), rank.c_str());
    }
}

// What is wrong with the options is told before the checkpoint runs.
std::vector<Prompt> read_prompts(const Options& options) {
    if (options.needed_by.empty() && !options.not_by.empty()) {
        throw UserError("--not-by without --needed-by", "for example --needed-by fr --not-by ar");
    }
    std::vector<Prompt> prompts = read_prompt_files(options.prompts);
    if (options.limit > 0 && prompts.size() > options.limit) prompts.resize(options.limit);
    return prompts;
}

InterventionReport measure(const Options& options, const std::vector<Prompt>& prompts,
                           const QuestionSet& questions) {
    InterventionReport report;
    const Engine engine = load_engine(options.checkpoint, options.engine);
    report.checkpoint = options.checkpoint;
    report.checkpoint_id = engine.checkpoint_id;
    InterveneOptions intervening = options.intervene;
    intervening.together = options.flags.parsed(engine);
    intervening.add_bos = parse_add_bos(options.add_bos);
    Progress progress;
    {
        const ProgressLine line(progress, "intervening", "tokens");
        report.result = intervene(engine, prompts, intervening, progress);
    }
    if (!options.needed_by.empty()) {
        report.necessity = necessity(report.result, {.by = options.needed_by,
                                                     .not_by = comma_list(options.not_by),
                                                     .margin = options.margin});
    }
    if (!questions.questions.empty()) {
        const ProgressLine line(progress, "asking questions", "tokens");
        EvaluationOptions asking;
        asking.score = parse_score_rule(options.score);
        asking.bootstrap = {.resamples = intervening.resamples, .seed = intervening.seed};
        report.answers =
            answer_effects(engine, questions, report.result.variants, asking, progress);
    }
    return report;
}

void run(const Options& options) {
    const std::vector<Prompt> prompts = read_prompts(options);
    const QuestionSet questions =
        options.questions.empty()
            ? QuestionSet{}
            : read_question_files(options.questions, {.limit = options.limit});
    const InterventionReport report = measure(options, prompts, questions);
    options.json.write(intervention_json(report));
    for (const std::string& text : report.result.notes) note("note: " + text);
    if (options.json.to_stdout()) return;
    print(report.result);
    print(report.necessity);
    print(report.answers);
    std::fflush(stdout);
}

}  // namespace

void add_intervene(CLI::App& program) {
    auto* command = program.add_subcommand(
        "intervene",
        "Ablate, force or boost experts and measure the effect beside random controls");
    const auto options = std::make_shared<Options>();
    InterveneOptions& intervening = options->intervene;
    command->add_option("CHECKPOINT", options->checkpoint, "Checkpoint folder")->required();
    command->add_option("--prompts", options->prompts, "Prompt files: .txt, .tsv, .jsonl")
        ->required();
    options->flags.add_to(*command);
    command
        ->add_option("--controls", intervening.controls,
                     "Random controls: other experts of the same layers with a similar load")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1000}))
        ->capture_default_str();
    command->add_option("--needed-by", options->needed_by,
                        "Say whether this language needs the experts and those of --not-by do not");
    command->add_option("--not-by", options->not_by, "Languages, fr,ar (default: all others)");
    command
        ->add_option("--margin", options->margin, "Nats per token that do not matter, for --not-by")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option(
        "--questions", options->questions,
        "Multiple-choice questions (.json, .jsonl, .tsv): accuracy before and after");
    command->add_option("--score", options->score, "How --questions are answered, as in evaluate")
        ->check(CLI::IsMember({"text", "letter"}))
        ->capture_default_str();
    command
        ->add_option("--limit", options->limit,
                     "The first N prompts, and questions of each file, only")
        ->check(CLI::PositiveNumber);
    command->add_option("--seed", intervening.seed, "Of controls and resamples")
        ->capture_default_str();
    command
        ->add_option("--batch-tokens", intervening.batch_tokens,
                     "Tokens per batch; prompts are never split")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--add-bos", options->add_bos, "auto (what the tokenizer does), yes, no")
        ->check(CLI::IsMember({"auto", "yes", "no"}))
        ->capture_default_str();
    command->add_flag("--include-special", intervening.include_special,
                      "Judge predictions of BOS and template tokens too");
    add_engine_options(*command, options->engine);
    options->json.add_to(*command);
    set_examples(
        *command,
        "  alluvium intervene assets/specimen --prompts assets/prompts/majors.tsv --ablate 7:fr "
        "--needed-by fr --not-by ar\n"
        "  alluvium intervene M --prompts p.tsv --ablate 22:3,23:7 --how drop --json effect.json\n"
        "  alluvium intervene M --prompts p.tsv --boost '*:5' --lambda 0.5 --languages fr\n"
        "  alluvium intervene M --prompts p.tsv --ablate 3:5 --how drop --force 7:2 --languages fr "
        "--boost 7:6 --lambda 2\n"
        "  alluvium intervene M --prompts p.tsv --swap fr:ar --layers 20,21,22,23");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
