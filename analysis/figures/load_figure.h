#pragma once
// How evenly the experts of each layer are used, all counted tokens pooled: a row per layer, its
// experts in order of their load, and what the load adds up to. Layers are never pooled: expert 3
// of one layer has nothing to do with expert 3 of the next.
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/figure.h"
#include "analysis/figures/groups.h"

namespace alluvium {

struct LoadOptions {
    std::vector<GroupLook> looks;  // empty: labels as names
    double width = 0;              // points; 0: 720
};

// Data: kind "cell" (layer, expert), values "load / mean", "selections"; kind "layer", values
// "max / mean - 1", "cv", "gini", "effective experts", "dead experts", "experts".
Figure load_figure(const Analysis& analysis, const LoadOptions& options, const Theme& theme,
                   const TextMeter& meter);

}  // namespace alluvium
