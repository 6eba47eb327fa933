#include "app/session/number_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace alluvium {

std::string three_digits(double value) {
    if (!std::isfinite(value)) return "missing";
    const double size = std::fabs(value);
    if (size >= 999.5) {
        const std::string digits = grouped_digits(static_cast<std::uint64_t>(std::llround(size)));
        return (value < 0 ? "-" : "") + digits;
    }
    // Rounding may carry into another digit (0.9996 is 1.00), so the places follow the rounded
    // value.
    int places = 2;
    if (size > 0) {
        const int exponent = static_cast<int>(std::floor(std::log10(size)));
        const double unit = std::pow(10.0, exponent - 2);
        const double rounded = std::round(size / unit) * unit;
        places = 2 - static_cast<int>(std::floor(std::log10(rounded) + 1e-9));
    }
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", std::clamp(places, 0, 12), value);
    return text;
}

std::string grouped_digits(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    }
    return digits;
}

std::string duration_text(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) return "unknown";
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    char text[48];
    if (whole < 60) {
        std::snprintf(text, sizeof text, "%d s", static_cast<int>(whole));
    } else if (whole < 3600) {
        std::snprintf(text, sizeof text, "%d min %02d s", static_cast<int>(whole / 60),
                      static_cast<int>(whole % 60));
    } else {
        std::snprintf(text, sizeof text, "%d h %02d min", static_cast<int>(whole / 3600),
                      static_cast<int>(whole / 60 % 60));
    }
    return text;
}

}  // namespace alluvium
