#pragma once
#include "base/grid.h"

namespace alluvium {

// How far the groups take the same roads: 1 - mean over pairs of groups of the total variation
// distance 1/2 sum_e |q_a(e) - q_b(e)|, over all experts, kept or not. Range 0 (no expert in
// common) to 1 (same shares); chance is below 1 for finite samples: see the null that stands beside
// it. NaN for fewer than 2 groups. `shares`: [G, E]; rows of groups without selections are NaN and
// left out.
double sharing(const Grid<double>& shares);

}  // namespace alluvium
