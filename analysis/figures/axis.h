#pragma once
// Round numbers along an axis.
#include <cstddef>
#include <span>
#include <vector>

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

}  // namespace alluvium
