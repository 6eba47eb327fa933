#pragma once
// Small multiples of layers x experts with shared axes and a legend in a free slot: the frame of
// every heat map.
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "analysis/figures/expert_order.h"
#include "analysis/figures/page.h"

namespace alluvium {

struct PanelCell {
    bool exists = true;  // false: the layer has no such expert
    Color fill;
    bool hatched = false;
    bool crossed = false;  // a small mark: nobody chose it
    std::string value;     // printed where it fits; empty: not worth printing
    Datum datum;
};

struct PanelName {
    std::string title, note, language;
};

struct PanelGrid {
    std::vector<PanelName> panels;
    std::vector<int> layers;  // row, from the bottom -> decoder layer
    ExpertOrder order;
    std::string axis_name = "expert";
    bool every_value = false;  // cells as large as it takes to print their value
    std::string widest_value;  // decides the size of the type
    std::function<PanelCell(std::size_t panel, std::size_t row, std::size_t expert)> cell;
    // Told whether the cells turned out large enough for their values.
    std::function<Block(double width, bool values_printed)> legend;
};

// The page that the panels are laid out on.
struct PanelPage {
    std::string name;  // of the figure
    std::string title, subtitle;
    bool heading = true;  // drawn, or only carried along for a window that shows it
    double width = 0,
           height = 0;  // points; 0: free, at most kPageWidth wide unless values need more
};

Figure draw_panels(const PanelGrid& grid, const PanelPage& page, const Theme& theme,
                   const TextMeter& meter);

}  // namespace alluvium
