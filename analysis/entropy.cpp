#include "analysis/entropy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "analysis/estimate.h"
#include "analysis/wide.h"

namespace alluvium {
namespace {

constexpr std::size_t kLanes = 8;

// log(x) of a positive, normal x (finite for 0) to about one unit in the last place, in operations
// that a compiler can do for several x at once: x = 2^k m with m in sqrt(1/2) .. sqrt(2), log m = 2
// atanh(s) with s = (m - 1) / (m + 1), |s| < 0.172, as a series up to s^25.
inline double plain_log(double x) {
    constexpr std::uint64_t root_half = 0x3fe6a09e667f3bcdu, one = 0x3ff0000000000000u;
    constexpr std::uint64_t fraction = 0x000fffffffffffffu, magic = 0x4330000000000000u;
    const std::uint64_t shifted = std::bit_cast<std::uint64_t>(x) + (one - root_half);
    const double k = std::bit_cast<double>((shifted >> 52) | magic) - (0x1p52 + 1023);
    const double m = std::bit_cast<double>((shifted & fraction) + root_half);
    const double s = (m - 1) / (m + 1), z = s * s;
    const double series =
        z *
        (1. / 3 +
         z * (1. / 5 +
              z * (1. / 7 +
                   z * (1. / 9 +
                        z * (1. / 11 +
                             z * (1. / 13 +
                                  z * (1. / 15 +
                                       z * (1. / 17 +
                                            z * (1. / 19 +
                                                 z * (1. / 21 + z * (1. / 23 + z / 25)))))))))));
    return k * 0x1.62e42fefa39efp-1 + (2 * s + 2 * s * series);
}

}  // namespace

// Four sums side by side: one alone waits for itself at every term.
double sum(std::span<const double> weights) {
    std::array<double, 4> lane{};
    std::size_t i = 0;
    for (; i + 4 <= weights.size(); i += 4) {
        for (std::size_t j = 0; j < 4; ++j) lane[j] += weights[i + j];
    }
    for (; i < weights.size(); ++i) lane[0] += weights[i];
    return lane[0] + lane[1] + (lane[2] + lane[3]);
}

// A plain loop over an array: what a compiler turns into wide operations.
ALLUVIUM_WIDE static void plain_x_log_x(const double* x, double* result, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        // Negative values become 0, whose logarithm comes out finite and is multiplied by it.
        const std::uint64_t bits = std::bit_cast<std::uint64_t>(x[i]);
        const double v = std::bit_cast<double>(bits & ((bits >> 63) - 1));
        result[i] = v * plain_log(v);
    }
}

double sum_x_log_x(std::span<const double> weights) {
    std::array<double, 256> part{};
    double total = 0;
    while (!weights.empty()) {
        const std::size_t count = std::min(weights.size(), part.size());
        plain_x_log_x(weights.data(), part.data(), count);
        std::array<double, 4> lane{};
        std::size_t i = 0;
        for (; i + 4 <= count; i += 4) {
            for (std::size_t j = 0; j < 4; ++j) lane[j] += part[i + j];
        }
        for (; i < count; ++i) lane[0] += part[i];
        total += lane[0] + lane[1] + (lane[2] + lane[3]);
        weights = weights.subspan(count);
    }
    return total;
}

double entropy(std::span<const double> weights) {
    const double total = sum(weights);
    if (!(total > 0)) return kMissing;
    return std::log(total) - sum_x_log_x(weights) / total;
}

}  // namespace alluvium
