#include "analysis/student_t.h"

#include <cassert>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace alluvium {
namespace {

// Continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated by
// the modified Lentz method.
double beta_fraction(double x, double a, double b) {
    constexpr double tiny = 1e-300;
    const auto away_from_zero = [](double v) { return std::fabs(v) < tiny ? tiny : v; };
    double c = 1;
    double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
    double fraction = d;
    for (int m = 1; m < 10000; ++m) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step = 1;
        for (const double term : {even, odd}) {
            d = 1 / away_from_zero(1 + term * d);
            c = away_from_zero(1 + term / c);
            step = c * d;
            fraction *= step;
        }
        if (std::fabs(step - 1) < 1e-15) break;
    }
    return fraction;
}

// I_x(a, b).
double regularised_beta(double x, double a, double b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    // The fraction converges fast below the mean only; above it the mirrored one does.
    if (x > (a + 1) / (a + b + 2)) return 1 - regularised_beta(1 - x, b, a);
    const double log_front =
        std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
    return std::exp(log_front) * beta_fraction(x, a, b) / a;
}

}  // namespace

double student_t_cdf(double t, double degrees) {
    assert(degrees > 0);
    const double tail = 0.5 * regularised_beta(degrees / (degrees + t * t), degrees / 2, 0.5);
    return t > 0 ? 1 - tail : tail;
}

double student_t_quantile(double p, double degrees) {
    assert(p > 0 && p < 1 && degrees > 0);
    if (p < 0.5) return -student_t_quantile(1 - p, degrees);
    double low = 0, high = 1;
    while (student_t_cdf(high, degrees) < p && high < std::numeric_limits<double>::max() / 4) {
        low = high;
        high *= 2;
    }
    while (high - low > 1e-13 * high) {
        const double middle = (low + high) / 2;
        if (middle <= low || middle >= high) break;
        (student_t_cdf(middle, degrees) < p ? low : high) = middle;
    }
    return (low + high) / 2;
}

}  // namespace alluvium
