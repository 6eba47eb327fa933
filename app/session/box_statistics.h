#pragma once
// What lies in a box drawn over a picture, in numbers.
#include <set>
#include <string>
#include <vector>

#include "analysis/figures/figure.h"

namespace alluvium {

struct BoxValue {
    std::string name;
    std::size_t count = 0;  // of the marks whose value is not missing
    double mean = 0, low = 0, high = 0, sum = 0;
};

struct BoxStatistics {
    std::string kind;  // of the marks counted: the first that lies in the box
    std::size_t marks = 0;
    std::set<int> layers, experts;
    std::set<std::string> groups;
    std::vector<BoxValue> values;  // in the order of the picture's own
};

// Counts the marks with data whose centre lies in `box` (points of the figure), each datum once.
BoxStatistics box_statistics(const Figure& figure, const Rect& box, const TextMeter& meter);

// As tab-separated lines with full precision.
std::string box_text(const BoxStatistics& box);

}  // namespace alluvium
