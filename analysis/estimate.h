#pragma once
// Numbers as results hold them. A value that could not be computed is NaN, never zero: it prints as
// missing, and its reason stands under Analysis::missing.
#include <cmath>
#include <limits>

namespace alluvium {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// A value with its 95 % interval (other levels are named where they are used).
struct Estimate {
    double value = kMissing;
    double low = kMissing;
    double high = kMissing;

    bool has_value() const { return std::isfinite(value); }
    bool has_interval() const { return std::isfinite(low) && std::isfinite(high); }
    double half_width() const { return (high - low) / 2; }
};

}  // namespace alluvium
