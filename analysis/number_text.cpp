#include "analysis/number_text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace alluvium {
namespace {

std::string print(const char* format, int digits, double value) {
    std::array<char, 400> text{};
    std::snprintf(text.data(), text.size(), format, digits, value);
    return text.data();
}

// A rounded zero has no sign.
double unsigned_zero(double value, int digits) {
    return std::fabs(value) < 0.5 * std::pow(10.0, -digits) ? 0.0 : value;
}

}  // namespace

std::string fixed_text(double value, int digits) {
    if (!std::isfinite(value)) return "missing";
    return print("%.*f", digits, unsigned_zero(value, digits));
}

std::string signed_text(double value, int digits) {
    if (!std::isfinite(value)) return "missing";
    const double shown = unsigned_zero(value, digits);
    return print(shown == 0 ? "%.*f" : "%+.*f", digits, shown);
}

std::string thousands_text(std::uint64_t value) {
    const std::string digits = std::to_string(value);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

std::string interval_text(const Estimate& estimate) {
    if (!estimate.has_interval()) return signed_text(estimate.value);
    int digits = 2;
    while (digits < 4 && fixed_text(estimate.low, digits) == fixed_text(estimate.high, digits)) {
        ++digits;
    }
    return signed_text(estimate.value, digits) + " [" + fixed_text(estimate.low, digits) + ", " +
           fixed_text(estimate.high, digits) + "]";
}

}  // namespace alluvium
