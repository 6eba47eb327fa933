#pragma once
#include "base/grid.h"

namespace alluvium {

// Jensen-Shannon divergence of every two groups, JSD(q1, q2) / log 2, [G, G] (Lin 1991).
// Range 0 (same routing, also the diagonal) to 1 (no expert in common); symmetric. Chance: the bias
// of finite samples, about (E - k) / (4 N k log 2) for two groups of N tokens each. NaN where a
// group has no selections. `shares`: [G, E], rows sum to 1.
Grid<double> pairwise_divergence(const Grid<double>& shares);

}  // namespace alluvium
