#include "analysis/depth_curve.h"

namespace alluvium {

JackknifeResult DepthCurve::corrected(std::size_t l) const {
    if (!has_uncertainty()) return {};
    std::vector<double> column(without.rows());
    for (std::size_t u = 0; u < column.size(); ++u) column[u] = without(u, l);
    return jackknife(value[l], column, stratum);
}

double DepthCurve::observed(const std::vector<double>& weights) const {
    double total = 0;
    bool any = false;
    for (std::size_t l = 0; l < size(); ++l) {
        if (weights[l] == 0) continue;
        any = true;
        total += weights[l] * value[l] / ceiling[l];
    }
    return any ? total : kMissing;
}

JackknifeResult DepthCurve::combination(const std::vector<double>& weights) const {
    if (!has_uncertainty()) return {};
    std::vector<double> totals(without.rows(), 0.0);
    for (std::size_t u = 0; u < totals.size(); ++u) {
        for (std::size_t l = 0; l < size(); ++l) {
            if (weights[l] != 0) totals[u] += weights[l] * without(u, l) / ceiling[l];
        }
    }
    return jackknife(observed(weights), totals, stratum);
}

Thirds thirds_of(std::size_t layers) {
    const std::size_t third = layers / 3;
    return {third, layers - third, layers};
}

std::vector<double> window_mean(const DepthCurve& curve, std::size_t begin, std::size_t end) {
    std::vector<double> weights(curve.size(), 0.0);
    double count = 0;
    for (std::size_t l = begin; l < end; ++l) count += curve.comparable(l);
    for (std::size_t l = begin; l < end; ++l) {
        if (count == 0) weights[l] = kMissing;
        if (curve.comparable(l)) weights[l] = 1 / count;
    }
    return weights;
}

}  // namespace alluvium
