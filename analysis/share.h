#pragma once
// How often groups visit experts.
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"

namespace alluvium {

// Share q_g(e) = N_ge / sum_e N_ge from selections (or summed weights), [G, E].
// Range 0..1, sums to 1 over experts, chance 1 / E. A group without selections is NaN throughout.
Grid<double> shares(const Grid<double>& sums);

// Token ratio r_g(e) = N_ge / N_g, the share of the group's tokens that chose the expert, [G, E].
// Range 0..1, sums to k over experts, chance k / E: k times the share. Published heat maps show one
// or the other. A group without tokens is NaN throughout.
Grid<double> token_ratios(const Grid<double>& selections, std::span<const std::uint64_t> tokens);

// Mean of the groups' shares with equal weights, [E]; groups without selections are left out. This
// is the AVG panel: a large group does not outweigh a small one.
std::vector<double> mean_share(const Grid<double>& shares);

// Rows of `rows` summed by label, [groups, cols]; label -1: left out.
Grid<double> sum_by_label(const Grid<double>& rows, std::span<const std::int32_t> labels,
                          std::size_t groups);

}  // namespace alluvium
