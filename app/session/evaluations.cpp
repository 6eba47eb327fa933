#include "app/session/evaluations.h"

#include <utility>

#include "app/session/free_name.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

const char* option_of(EvaluationPlan::Kind kind) {
    switch (kind) {
        case EvaluationPlan::Kind::topics:
            return "--topics";
        case EvaluationPlan::Kind::texts:
            return "--text";
        case EvaluationPlan::Kind::questions:
            return "--questions";
    }
    return "";
}

}  // namespace

std::vector<std::string> evaluate_arguments(const EvaluationPlan& plan, const fs::path& output) {
    std::vector<std::string> words = {"evaluate", plan.checkpoint, option_of(plan.kind)};
    words.insert(words.end(), plan.files.begin(), plan.files.end());
    const auto add = [&words](const char* option, const std::string& value) {
        words.emplace_back(option);
        words.push_back(value);
    };
    const bool asks = plan.kind == EvaluationPlan::Kind::questions;
    if (asks && plan.published_protocol) add("--protocol", "apollo");
    if (asks && plan.by_letter && !plan.published_protocol) add("--score", "letter");
    if (plan.language_given) add("--route", "language");
    if (plan.limit > 0) add("--limit", std::to_string(plan.limit));
    add("--json", output.string());
    return words;
}

std::string why_not_evaluate(const EvaluationPlan& plan) {
    if (plan.checkpoint.empty()) return "open a checkpoint folder first";
    if (plan.files.empty()) return "add a file to score";
    return {};
}

Evaluations::Evaluations(Jobs& jobs, fs::path program, fs::path folder)
    : ResultFiles(
          jobs, read_score_file,
          [](const ScoreFile& scores) { return fs::path(scores.checkpoint).filename().string(); }),
      program_(std::move(program)),
      folder_(std::move(folder)) {}

void Evaluations::start(const EvaluationPlan& plan) {
    const std::string name = fs::path(plan.checkpoint).filename().string();
    const fs::path output = free_name(folder_, name, ".json");
    make({.tag = kTag, .key = {}, .title = "Evaluate " + name, .unit = "tokens"},
         {.program = program_, .arguments = evaluate_arguments(plan, output)}, output);
}

}  // namespace alluvium
