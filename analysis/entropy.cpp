#include "analysis/entropy.h"

#include <cmath>
#include <numeric>

#include "analysis/estimate.h"

namespace alluvium {

double sum(std::span<const double> weights) {
    return std::accumulate(weights.begin(), weights.end(), 0.0);
}

double sum_x_log_x(std::span<const double> weights) {
    double total = 0;
    for (const double x : weights) total += x_log_x(x);
    return total;
}

double entropy(std::span<const double> weights) {
    const double total = sum(weights);
    if (!(total > 0)) return kMissing;
    return std::log(total) - sum_x_log_x(weights) / total;
}

}  // namespace alluvium
