#pragma once
// Entropy of unnormalised weights, natural logarithm.
#include <cmath>
#include <span>

namespace alluvium {

// H(q) for q = weights / sum(weights); 0 log 0 = 0. Range 0..log(size). Weights that rounding has
// made slightly negative count as 0. NaN where the sum is not positive.
double entropy(std::span<const double> weights);

// 0 where x is not positive.
inline double x_log_x(double x) {
    return x > 0 ? x * std::log(x) : 0;
}

// sum of x log x over the positive x.
double sum_x_log_x(std::span<const double> weights);

double sum(std::span<const double> weights);

}  // namespace alluvium
