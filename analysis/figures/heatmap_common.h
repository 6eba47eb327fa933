#pragma once
// What all heat maps share; private to the figures.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "analysis/figures/heatmap_figure.h"

namespace alluvium {

// Stands for the panel of the equal-weight mean.
inline constexpr std::size_t kMeanPanel = static_cast<std::size_t>(-1);

// The panels in the order in which they are drawn.
std::vector<std::size_t> heatmap_groups(const HeatmapOptions& options,
                                        std::span<const GroupLook> looks);

// ".50": without the zero that all shares start with; "1.0" for one.
std::string decimals_text(double share);

}  // namespace alluvium
