#pragma once
// Changes of the routing as the workbench sees them: files with effects
// (captures/intervention_file.h), whoever wrote them. Those started here are programs of their own.
#include <filesystem>
#include <string>
#include <vector>

#include "app/session/result_files.h"
#include "captures/intervention_file.h"

namespace alluvium {

// One change of several that act together.
struct PlannedChange {
    std::string targets;               // "7:4,7:5"
    std::string change = "reroute";    // reroute, drop, mean, force, boost
    double lambda = 1;                 // of boost, in standard deviations
    std::string languages, positions;  // "fr,ar", "0..3"; empty: all

    bool operator==(const PlannedChange&) const = default;
};

// "drop 7:4, languages fr", for lists.
std::string change_words(const PlannedChange& change);

// What a person chooses before an intervention.
struct InterventionPlan {
    std::string checkpoint;          // folder
    std::string prompts;             // a prompt file
    std::string targets;             // "7:4,7:5"
    std::string change = "reroute";  // reroute, drop, mean, force, boost
    double lambda = 1;               // of boost, in standard deviations
    std::string needed_by{};         // a language: is it the one that needs them? Empty: not asked
    int controls = 10;
    // Act together with `change` of `targets`; where some do, `targets` may be empty.
    std::vector<PlannedChange> tray{};

    bool operator==(const InterventionPlan&) const = default;
};

// The arguments of `alluvium` that carry the plan out and leave the effects in `output`.
std::vector<std::string> intervene_arguments(const InterventionPlan& plan,
                                             const std::filesystem::path& output);
// Empty where it can start; else what is missing, in words for a tooltip.
std::string why_not_intervene(const InterventionPlan& plan);

// The same for a capture of the changed routing, to be compared with the unchanged one.
std::vector<std::string> changed_capture_arguments(const InterventionPlan& plan,
                                                   const std::filesystem::path& output);
std::string why_not_capture_changed(const InterventionPlan& plan);

using InterventionDocument = ResultDocument<InterventionFile>;

class Interventions : public ResultFiles<InterventionFile> {
  public:
    // `folder`: where the effects of interventions started here are kept.
    Interventions(Jobs& jobs, std::filesystem::path program, std::filesystem::path folder);

    void start(const InterventionPlan& plan);

    static constexpr const char* kTag = "intervene";

  private:
    std::filesystem::path program_, folder_;
};

}  // namespace alluvium
