#pragma once
// How far the groups' routes lie apart at every routed layer, with everything it takes to believe
// it: interval, what shuffled labels reach, noise floor, ceiling, and the verdict in words.
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/figure.h"
#include "analysis/figures/groups.h"

namespace alluvium {

struct DivergenceOptions {
    std::vector<GroupLook> looks;  // empty: labels as names
    double width = 0;              // points; 0: 680
    double height = 0;             // of the page; 0: as tall as it takes
    bool heading = true;
    bool sentence = true;    // the verdict in full under the picture
    bool robustness = true;  // the verdict under other ways to count, where the page grows with it
};

// Data: kind "layer" (one per routed layer, expert -1); values "divergence", "low", "high", "as
// observed", "shuffled labels reach", "noise floor", "ceiling", "share of ceiling", "random
// routers", "random low", "random high"; kind "variant": analysis/figures/robustness_table.h.
// Missing values are listed as missing. What a trace cannot give is absent from the picture and
// named under it.
Figure divergence_figure(const Analysis& analysis, const DivergenceOptions& options,
                         const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
