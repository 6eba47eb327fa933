#pragma once
// Two traces of the same tokens on one page: how far they choose the same experts at every layer,
// how much further apart the groups are in B than in A, and what changed most.
#include "analysis/comparison.h"
#include "analysis/figures/figure.h"

namespace alluvium {

struct CompareOptions {
    double width = 0;  // points; 0: 720
};

// Data: kind "layer", values "overlap", "exact", "top1", "matched overlap", "chance", "flips",
// "flips beyond the floor", "difference", "low", "high"; kind "prompt" and "token", value
// "overlap".
Figure compare_figure(const Comparison& comparison, const CompareOptions& options,
                      const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
