#pragma once
// Round numbers along an axis, and the axis of values at the left of a plot.
#include <cstddef>
#include <span>
#include <vector>

#include "analysis/figures/page.h"

namespace alluvium {

// Multiples of 1, 2 or 5 x 10^n from `low` to `high`, both included where they are multiples; at
// most `most` of them.
struct Ticks {
    std::vector<double> at;
    int digits = 0;  // after the point
};
Ticks round_ticks(double low, double high, std::size_t most);

// Which of `places` (rising, in points) get a label so that labels of `width` keep apart: the
// first, then every n-th with n as small as possible.
std::size_t label_step(std::span<const double> places, double width);

// Values over the height of a plot, `low` at its bottom edge.
struct ValueScale {
    Rect plot;
    double low = 0, high = 1;

    double y(double value) const {
        return plot.y + plot.height * (1 - (value - low) / (high - low));
    }
};

// Rules across the plot at the round_ticks() of the scale, that of 0 stronger, with their numbers
// at the left. Returns the ticks.
Ticks draw_value_axis(Page& page, const ValueScale& scale, std::size_t most);

}  // namespace alluvium
