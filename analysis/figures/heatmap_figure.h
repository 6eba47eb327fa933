#pragma once
// Which experts each group uses, layer by layer: one panel per group and one for their mean, layers
// from the bottom up, experts from left to right, one colour scale for all.
#include <cstddef>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/figure.h"
#include "analysis/figures/groups.h"

namespace alluvium {

enum class HeatmapStyle {
    ratio,  // colour: log2(share / chance); numbers only where a group favours an expert
    talk,   // colour: share 0..1, printed in every cell; experts ordered and named by their labels
};

struct HeatmapOptions {
    HeatmapStyle style = HeatmapStyle::ratio;
    std::vector<GroupLook> looks = {};      // empty: labels as names
    std::vector<std::size_t> groups = {};   // panels, in this order; empty: all, in family order
    std::vector<std::size_t> columns = {};  // experts from left to right; empty: by owner or label
    bool average = true;                    // the panel of the equal-weight mean
    double width = 0;                       // points; 0: kPageWidth, wider where values are printed
    double height = 0;                      // 0: as tall as it takes; else fitted to it
    bool heading = true;                    // draw title and subtitle
};

// The order of columns that heatmap_figure() would choose: give it to a second figure that is to be
// read beside the first.
std::vector<std::size_t> heatmap_columns(const Analysis& analysis, const HeatmapOptions& options);

// Data: kind "cell" with layer, expert, group ("" for the mean); values "share of selections",
// "chance", "share / chance", "tokens that chose it", "tokens".
Figure heatmap_figure(const Analysis& analysis, const HeatmapOptions& options, const Theme& theme,
                      const TextMeter& meter);

// A - B for the groups and layers that both have (by label and layer number; where the number of
// experts differs too, the cell is missing). One symmetric scale. Kind "difference"; values "A",
// "B", "A - B", "chance".
Figure heatmap_difference_figure(const Analysis& a, const Analysis& b,
                                 const HeatmapOptions& options, const Theme& theme,
                                 const TextMeter& meter);

}  // namespace alluvium
