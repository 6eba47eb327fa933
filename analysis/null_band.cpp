#include "analysis/null_band.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace alluvium {
namespace {

struct Moments {
    double mean = 0;
    double deviation = 0;
};

Moments moments_of(const std::vector<double>& values) {
    Moments result;
    const auto n = static_cast<double>(values.size());
    for (const double v : values) result.mean += v / n;
    double squares = 0;
    for (const double v : values) squares += (v - result.mean) * (v - result.mean);
    result.deviation = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
    // A layer whose draws differ by rounding alone says nothing.
    if (result.deviation < 1e-12) result.deviation = 0;
    return result;
}

std::vector<double> column(const Grid<double>& grid, std::size_t c) {
    std::vector<double> values(grid.rows());
    for (std::size_t r = 0; r < grid.rows(); ++r) values[r] = grid(r, c);
    return values;
}

}  // namespace

double upper_quantile(std::vector<double> values, double p) {
    if (values.empty()) return kMissing;
    const double rank = std::ceil(p * static_cast<double>(values.size() + 1));
    const auto at = std::min(values.size() - 1, static_cast<std::size_t>(std::max(rank, 1.0)) - 1);
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at),
                     values.end());
    return values[at];
}

double lower_quantile(std::vector<double> values, double p) {
    for (double& v : values) v = -v;
    return -upper_quantile(std::move(values), 1 - p);
}

std::vector<NullBand> null_bands(const Grid<double>& draws) {
    std::vector<NullBand> bands(draws.cols());
    if (draws.rows() == 0) return bands;
    std::vector<Moments> moments(draws.cols());
    std::vector<double> largest(draws.rows(), -std::numeric_limits<double>::infinity());
    for (std::size_t l = 0; l < draws.cols(); ++l) {
        const std::vector<double> values = column(draws, l);
        moments[l] = moments_of(values);
        bands[l].mean = moments[l].mean;
        bands[l].p95 = upper_quantile(values, 0.95);
        if (!(moments[l].deviation > 0)) continue;
        for (std::size_t b = 0; b < values.size(); ++b) {
            const double studentised = (values[b] - moments[l].mean) / moments[l].deviation;
            largest[b] = std::max(largest[b], studentised);
        }
    }
    const double factor = upper_quantile(largest, 0.95);
    for (std::size_t l = 0; l < bands.size(); ++l) {
        const double width = moments[l].deviation > 0 ? factor * moments[l].deviation : 0;
        bands[l].band = moments[l].mean + width;
    }
    return bands;
}

}  // namespace alluvium
