#pragma once
// The paths that each group's tokens take most often through a few routed layers in a row, and over
// all such windows how much of their paths the groups have in common.
#include <optional>
#include <vector>

#include "analysis/figures/figure.h"
#include "analysis/figures/groups.h"
#include "analysis/paths/route_paths.h"

namespace alluvium {

struct PathsFigureOptions {
    std::vector<GroupLook> looks{};  // of the paths' groups, in their order; empty: their labels
    std::optional<LayerId> layer{};  // the window that begins there; nothing: the last
    double width = 0;                // points; 0: 720
};

// Data: kind "path" (layer: the window's first, group), values "path" ("3 7 1"), "tokens", "share",
// "lift"; kind "paths" (layer, group), values "effective", "coverage"; kind "overlap" (layer: a
// window's first), values "overlap", "chance", "5 % of chance". UserError where no window begins at
// the layer.
Figure paths_figure(const RoutePaths& paths, const PathsFigureOptions& options, const Theme& theme,
                    const TextMeter& meter);

}  // namespace alluvium
