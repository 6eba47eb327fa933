#include "model/intervene/control_spread.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace alluvium {

ControlSpread spread_of(double effect, std::span<const double> controls) {
    ControlSpread spread{.n = controls.size()};
    spread.mean = spread.sd = spread.low = spread.high = std::numeric_limits<double>::quiet_NaN();
    const auto n = static_cast<double>(controls.size());
    if (!controls.empty()) {
        spread.mean = 0;
        for (const double c : controls) spread.mean += c / n;
        spread.low = *std::ranges::min_element(controls);
        spread.high = *std::ranges::max_element(controls);
    }
    if (controls.size() > 1) {
        double squares = 0;
        for (const double c : controls) squares += (c - spread.mean) * (c - spread.mean);
        spread.sd = std::sqrt(squares / (n - 1));
    }
    spread.at_least = static_cast<std::size_t>(
        std::ranges::count_if(controls, [&](double c) { return c >= effect; }));
    spread.p = (1.0 + static_cast<double>(spread.at_least)) / (1.0 + n);
    return spread;
}

}  // namespace alluvium
