#pragma once
// How far groups take the same paths: for two groups sum over paths of min(p_a, p_b), the share of
// tokens that could be paired with one of the other group on the same path (1 - total variation
// distance). Range 0 (no path in common) to 1; chance is below 1 for finite samples and depends on
// their size, so the same under permuted labels stands beside it.
#include <cstdint>
#include <span>

#include "analysis/paths/path_counts.h"
#include "base/grid.h"

namespace alluvium {

// [G, G], diagonal 1; NaN for groups without a token. `counts`: [G, paths].
Grid<double> pairwise_path_overlap(const Grid<std::uint32_t>& counts);

// Mean over pairs of groups with tokens; NaN for fewer than two. Sparse: as fast as there are
// entries, whatever the number of pairs.
double mean_path_overlap(const PathCounts& counts, std::span<const std::int32_t> labels,
                         std::size_t groups);

}  // namespace alluvium
