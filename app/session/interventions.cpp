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

}  // namespace

std::vector<std::string> intervene_arguments(const InterventionPlan& plan, const fs::path& output) {
    std::vector<std::string> words = {"intervene", plan.checkpoint, "--prompts", plan.prompts};
    const auto add = [&words](const std::string& option, const std::string& value) {
        words.push_back(option);
        words.push_back(value);
    };
    if (ablates(plan.change)) {
        add("--ablate", plan.targets);
        add("--how", plan.change);
    } else {
        add("--" + plan.change, plan.targets);
    }
    if (plan.change == "boost") {
        std::ostringstream lambda;
        lambda << plan.lambda;
        add("--lambda", lambda.str());
    }
    if (!plan.needed_by.empty()) add("--needed-by", plan.needed_by);
    add("--controls", std::to_string(plan.controls));
    add("--json", output.string());
    return words;
}

std::string why_not_intervene(const InterventionPlan& plan) {
    if (plan.checkpoint.empty()) return "open a checkpoint folder first";
    if (plan.prompts.empty()) return "choose a prompt set in Prompts";
    if (plan.targets.empty()) return "name an expert, or select one in a picture";
    if (plan.controls < 1) return "an effect says nothing without a control";
    return {};
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
