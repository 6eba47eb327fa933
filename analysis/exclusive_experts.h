#pragma once
// Experts that one group has nearly to itself, and experts that all use (arXiv 2601.14050).
//
//   a_g(e) = r_g(e) / sum_g' r_g'(e)      r: token ratio; range 0..1; chance 1 / G
//
// Looked at: each group's `top` experts of largest token ratio (lower index first in a tie). An
// expert is exclusive to g where a_g(e) > max(threshold, 2 / G), and shared where no group that has
// it among its top experts holds that much. Undefined for fewer than 4 groups, where the threshold
// would be within reach of chance.
#include "analysis/layer_analysis.h"

namespace alluvium {

// `token_ratio`: [G, E]; rows of groups without tokens are NaN and left out.
Exclusivity exclusive_experts(const Grid<double>& token_ratio, double threshold, std::size_t top);

}  // namespace alluvium
