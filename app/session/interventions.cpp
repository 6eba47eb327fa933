#include "app/session/interventions.h"

#include <sstream>
#include <utility>

#include "app/session/free_name.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

bool ablates(const std::string& change) {
    return change == "reroute" || change == "drop" || change == "mean";
}

std::string short_text(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

std::vector<PlannedChange> changes_of(const InterventionPlan& plan) {
    std::vector<PlannedChange> changes = plan.tray;
    if (!plan.targets.empty()) {
        changes.push_back({plan.targets, plan.change, plan.lambda, /*languages=*/{},
                           /*positions=*/{}});
    }
    return changes;
}

// Settings behind a change are for that change.
void add_options(const PlannedChange& change, std::vector<std::string>& words) {
    const auto add = [&words](const std::string& option, const std::string& value) {
        if (!value.empty()) words.insert(words.end(), {option, value});
    };
    add(ablates(change.change) ? "--ablate" : "--" + change.change, change.targets);
    if (ablates(change.change)) add("--how", change.change);
    if (change.change == "boost") add("--lambda", short_text(change.lambda));
    add("--positions", change.positions);
    add("--languages", change.languages);
}

}  // namespace

std::string change_words(const PlannedChange& change) {
    std::string words = change.change + " " + change.targets;
    if (change.change == "boost") words += " (lambda " + short_text(change.lambda) + ")";
    if (!change.positions.empty()) words += ", positions " + change.positions;
    if (!change.languages.empty()) words += ", languages " + change.languages;
    return words;
}

std::vector<std::string> intervene_arguments(const InterventionPlan& plan, const fs::path& output) {
    std::vector<std::string> words = {"intervene", plan.checkpoint, "--prompts", plan.prompts};
    for (const PlannedChange& change : changes_of(plan)) add_options(change, words);
    if (!plan.needed_by.empty()) words.insert(words.end(), {"--needed-by", plan.needed_by});
    words.insert(words.end(),
                 {"--controls", std::to_string(plan.controls), "--json", output.string()});
    return words;
}

std::vector<std::string> changed_capture_arguments(const InterventionPlan& plan,
                                                   const fs::path& output) {
    std::vector<std::string> words = {"capture", plan.checkpoint, "--prompts", plan.prompts};
    for (const PlannedChange& change : changes_of(plan)) add_options(change, words);
    words.insert(words.end(), {"-o", output.string()});
    return words;
}

std::string why_not_intervene(const InterventionPlan& plan) {
    if (plan.checkpoint.empty()) return "open a checkpoint folder first";
    if (plan.prompts.empty()) return "choose a prompt set in Prompts";
    if (changes_of(plan).empty()) return "name an expert, or select one in a picture";
    if (plan.controls < 1) return "an effect says nothing without a control";
    return {};
}

std::string why_not_capture_changed(const InterventionPlan& plan) {
    for (const PlannedChange& change : changes_of(plan)) {
        if (change.change != "mean") continue;
        return "a capture does not know the means of a whole run: take reroute or drop";
    }
    return why_not_intervene(plan);
}

Interventions::Interventions(Jobs& jobs, fs::path program, fs::path folder)
    : ResultFiles(jobs, read_intervention_file,
                  [](const InterventionFile& file) { return file.name(); }),
      program_(std::move(program)),
      folder_(std::move(folder)) {}

void Interventions::start(const InterventionPlan& plan) {
    const fs::path output = free_name(folder_, "intervention", ".json");
    make({.tag = kTag,
          .key = {},
          .title = "Change the routing of " + fs::path(plan.checkpoint).filename().string(),
          .unit = "tokens"},
         {.program = program_, .arguments = intervene_arguments(plan, output)}, output);
}

}  // namespace alluvium
