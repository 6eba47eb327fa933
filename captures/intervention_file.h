#pragma once
// The result of `alluvium intervene --json`: what a change of routing did to the predictions of
// every language, beside its random controls (docs/interventions.md).
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/ids.h"

namespace alluvium {

// Not finite: missing.
struct MeasuredEffect {
    double value = 0, low = 0, high = 0;  // 95 % interval
};

struct EffectOnLanguage {
    std::string language;
    std::uint64_t tokens = 0;
    double visited = 0;         // share of the tokens that choose a target
    MeasuredEffect nll_change;  // nats per token; above 0: predicted worse
    double kl = 0;              // nats per token
    double top1_change = 0;     // share of tokens
    // The same change to other experts.
    std::size_t controls = 0, at_least = 0;  // ... of which so many change at least as much
    double control_mean = 0, control_sd = 0, control_low = 0, control_high = 0, p = 0;
};

struct InterventionFile {
    std::string checkpoint, checkpoint_id;
    std::string change;                                 // "reroute", "drop + force", ...
    std::vector<std::pair<LayerId, ExpertId>> targets;  // of all changes; none for swap
    // "force 7:2, languages fr": each change that acted; empty in files that hold a single one
    // and were written before several could act together.
    std::vector<std::string> acting;
    std::vector<EffectOnLanguage> languages;
    std::vector<std::string> sentences;  // of --needed-by
    std::vector<std::string> notes;

    // "reroute 7:4", "drop 7:4 + force 6:2", for lists and titles.
    std::string name() const;
};

// Whether it looks like one; false too where it cannot be read.
bool holds_intervention(const std::filesystem::path& path);

// UserError where the file is missing or is no such result.
InterventionFile read_intervention_file(const std::filesystem::path& path);

}  // namespace alluvium
