#pragma once
// A claim over several traces: a row each, with the effects that decide it, their intervals, and
// what came out.
#include <vector>

#include "analysis/claims/judge_claim.h"
#include "analysis/figures/figure.h"

namespace alluvium {

struct ForestOptions {
    double width = 0;  // points; 0: 720
};

// Data: kind "trace", group its name; every effect with its bounds and power, "outcome",
// "checkpoint".
Figure forest_figure(const Claim& claim, const std::vector<ClaimResult>& results,
                     const ForestOptions& options, const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
