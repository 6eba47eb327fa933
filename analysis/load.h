#pragma once
// How evenly a layer's experts are used: load f_e = N_e / (N k) over all counted tokens pooled.
//
//   cv                  population standard deviation of N_e / mean     0 .. sqrt(E - 1)
//   max_vio             max N_e / mean - 1 (arXiv 2408.15664)           0 .. E - 1
//   gini                sum_ij |N_i - N_j| / (2 E^2 mean)               0 .. 1 - 1/E
//   effective_experts   exp(H(f))                                       1 .. E
//   dead_experts        experts that no token chose                     0 .. E
//
// Even use gives 0, 0, 0, E, 0. By layer: pooling layers would add up experts that only share a
// number. A token's k choices differ, so k of E experts at full load is the most uneven routing.
#include <span>

#include "analysis/layer_analysis.h"

namespace alluvium {

// `selections`: [E]. All NaN where nothing was chosen.
Load load_of(std::span<const double> selections);

}  // namespace alluvium
