#include "analysis/jackknife.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "analysis/student_t.h"

namespace alluvium {

Estimate JackknifeResult::interval(double level) const {
    if (!std::isfinite(corrected) || !(degrees > 0)) return {corrected, kMissing, kMissing};
    const double width = student_t_quantile(0.5 + level / 2, degrees) * standard_error;
    return {corrected, corrected - width, corrected + width};
}

double JackknifeResult::p_value() const {
    if (!std::isfinite(corrected) || !(degrees > 0)) return kMissing;
    if (standard_error == 0) return corrected == 0 ? 1 : 0;
    return 2 * student_t_cdf(-std::fabs(corrected) / standard_error, degrees);
}

JackknifeResult jackknife(double full, std::span<const double> without,
                          std::span<const std::int32_t> stratum) {
    assert(without.size() == stratum.size() && !without.empty());
    const auto strata =
        static_cast<std::size_t>(*std::max_element(stratum.begin(), stratum.end()) + 1);
    std::vector<double> size(strata, 0.0), mean(strata, 0.0), squares(strata, 0.0);
    for (std::size_t i = 0; i < without.size(); ++i) {
        const auto g = static_cast<std::size_t>(stratum[i]);
        size[g] += 1;
        mean[g] += without[i];
    }
    for (std::size_t g = 0; g < strata; ++g) mean[g] = size[g] > 0 ? mean[g] / size[g] : 0;
    for (std::size_t i = 0; i < without.size(); ++i) {
        const auto g = static_cast<std::size_t>(stratum[i]);
        squares[g] += (without[i] - mean[g]) * (without[i] - mean[g]);
    }
    double bias = 0, variance = 0, degrees = 0;
    for (std::size_t g = 0; g < strata; ++g) {
        if (size[g] == 0) continue;
        bias += (size[g] - 1) * (mean[g] - full);
        variance += (size[g] - 1) / size[g] * squares[g];
        degrees += size[g] - 1;
    }
    const double corrected = full - bias;
    if (!std::isfinite(corrected)) return {};
    return {corrected, std::sqrt(variance), degrees};
}

}  // namespace alluvium
