#pragma once
// The key of a colour scale: bar, ticks, the special colours, and notes on how to read the picture.
#include <functional>
#include <string>
#include <vector>

#include "analysis/figures/page.h"

namespace alluvium {

struct ScaleTick {
    double at = 0;  // 0..1 along the bar
    std::string label;
    bool needed = true;  // false: left out where the ticks would touch
};

struct Swatch {
    Color fill;
    bool hatched = false;
    bool crossed = false;
    std::string label;
};

struct ColorLegend {
    std::string caption;
    std::function<Color(double)> color;  // 0..1
    std::vector<ScaleTick> ticks;
    std::vector<Swatch> swatches;
    std::vector<std::string> notes;
};

// As tall as it takes; a wide one sets the notes beside the bar.
Block draw_legend(const ColorLegend& legend, double width, const Theme& theme,
                  const TextMeter& meter);

}  // namespace alluvium
