#include "app/session/evaluations.h"

#include <algorithm>

#include "app/session/child_program.h"
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

void Evaluations::start(const EvaluationPlan& plan) {
    const std::string name = fs::path(plan.checkpoint).filename().string();
    const fs::path output = free_name(folder_, name, ".json");
    jobs_.start({.tag = kTag,
                 .key = output.string(),
                 .title = "Evaluate " + name,
                 .unit = "tokens",
                 .lane = Lane::program},
                [this, output, call = ProgramCall{program_, evaluate_arguments(plan, output)}](
                    Progress& progress) -> Delivery {
                    fs::create_directories(output.parent_path());
                    run_program(call, progress);
                    auto scores = std::make_shared<const ScoreFile>(read_score_file(output));
                    return [this, output, scores] { add(output.string(), scores); };
                });
}

void Evaluations::open(const std::string& path) {
    jobs_.start({.tag = "scores " + path, .key = path, .title = "Read scores"},
                [this, path](Progress&) -> Delivery {
                    auto scores = std::make_shared<const ScoreFile>(read_score_file(path));
                    return [this, path, scores] { add(path, scores); };
                });
}

void Evaluations::add(const std::string& id, std::shared_ptr<const ScoreFile> scores) {
    forget(id);
    const std::string name = fs::path(scores->checkpoint).filename().string();
    documents_.push_back({id, name, std::move(scores)});
}

void Evaluations::show(const std::string& id, bool shown) {
    for (ScoreDocument& document : documents_) {
        if (document.id == id) document.shown = shown;
    }
}

void Evaluations::forget(const std::string& id) {
    std::erase_if(documents_, [&](const ScoreDocument& document) { return document.id == id; });
}

}  // namespace alluvium
