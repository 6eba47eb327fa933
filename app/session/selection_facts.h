#pragma once
// What there is to say about a selection: data behind the SELECTION panel and its copy button.
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "app/session/selection.h"

namespace alluvium {

struct Fact {
    std::string name;
    double number = 0;  // full precision, for copying; NaN: missing or not a number
    std::string text;   // as shown
};

// One group's use of the selected expert.
struct GroupUse {
    std::string group;
    double share = 0;
    double token_ratio = 0;
    std::uint64_t selections = 0;
    std::uint64_t tokens = 0;
};

struct SelectionFacts {
    std::string title;  // "layer 7, expert 3, fr"
    std::vector<Fact> facts;
    std::vector<GroupUse> groups;  // of the selected expert, largest share first
    std::vector<double> layers;    // routed layers, for the profile
    std::vector<double> profile;   // the group's largest share per layer, or the divergence
    std::string profile_name;      // empty: no profile
};

// Empty title where the selection is not part of this analysis.
SelectionFacts selection_facts(const Analysis& analysis, const Selection& selection);

// The facts as tab-separated lines with full precision.
std::string facts_text(const SelectionFacts& facts);

// Two groups and the expert that they use most differently.
struct Difference {
    LayerId layer = 0;
    ExpertId expert = 0;
    std::string high_group, low_group;
    double difference = 0;  // of shares
};

// At most `count`, largest first, one per (layer, expert); among `groups` (empty: all).
std::vector<Difference> largest_differences(const Analysis& analysis,
                                            const std::vector<std::string>& groups,
                                            std::size_t count);

}  // namespace alluvium
