#pragma once
// Sizes of a grid of panels: how many stand side by side, how large their cells are.
#include <cstddef>
#include <vector>

#include "analysis/figures/heatmap_panels.h"

namespace alluvium {

// Points.
struct PanelLayout {
    std::size_t across = 1;  // panels side by side
    std::size_t down = 1;    // rows of panels
    double cell_width = 0, cell_height = 0;
    double gap = 0;                        // between cells
    double gutter = 0;                     // left of the first panel: layer numbers
    double slot_width = 0;                 // a panel and the space to the next one
    std::vector<std::size_t> title_lines;  // per row of panels
    double note_height = 0;                // between title and cells
    double axis_height = 0;                // below the cells
    std::size_t label_rows = 0;  // of column labels; 0: they do not fit, owners stand there
    double value_size = 0;       // type inside cells; 0: does not fit

    double used_width = 0;  // of the page, both margins included

    double cells_height(const PanelGrid& grid) const {
        return cell_height * static_cast<double>(grid.layers.size());
    }
    // Of one row of panels with everything above and below its cells.
    double slot_height(const PanelGrid& grid, std::size_t row) const;
    double title_height(std::size_t row) const;  // above the cells
};

// Points.
struct PanelRoom {
    double width = 0;   // of the page
    double top = 0;     // where the panels start
    double height = 0;  // of the page; 0: free
};

// A legend is not set narrower than this.
inline constexpr double kNarrowestLegend = 150;

// The narrowest page on which every cell can print its value.
double width_for_values(const PanelGrid& grid, const TextMeter& meter);

PanelLayout layout_panels(const PanelGrid& grid, const PanelRoom& room, const TextMeter& meter);

}  // namespace alluvium
