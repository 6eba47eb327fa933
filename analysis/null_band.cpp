#include "analysis/null_band.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace alluvium {
namespace {

// Mean and standard deviation of draws, of all or of all but one.
class Moments {
  public:
    explicit Moments(const std::vector<double>& values)
        : count_(static_cast<double>(values.size())) {
        mean_ = std::accumulate(values.begin(), values.end(), 0.0) / count_;
        for (const double v : values) squares_ += (v - mean_) * (v - mean_);
    }

    double mean() const { return mean_; }
    double deviation() const { return deviation_of(squares_, count_); }

    // A draw studentised by the others, as the observed value is: with itself among them it would
    // look less extreme than it is, and the band would be left too often.
    double studentised(double value) const {
        const double others = count_ - 1;
        if (others < 2) return 0;
        const double away = value - mean_;
        const double squares = squares_ - away * away * count_ / others;
        const double deviation = deviation_of(squares, others);
        return deviation > 0 ? away * count_ / others / deviation : 0;
    }

  private:
    static double deviation_of(double squares, double count) {
        const double deviation = count > 1 ? std::sqrt(std::max(0.0, squares) / (count - 1)) : 0;
        // A layer whose draws differ by rounding alone says nothing.
        return deviation < 1e-12 ? 0 : deviation;
    }

    double count_;
    double mean_ = 0;
    double squares_ = 0;
};

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

std::vector<NullBand> null_bands(const Grid<double>& draws, double level) {
    std::vector<NullBand> bands(draws.cols());
    if (draws.rows() == 0) return bands;
    std::vector<Moments> moments;
    std::vector<double> largest(draws.rows(), -std::numeric_limits<double>::infinity());
    for (std::size_t l = 0; l < draws.cols(); ++l) {
        const std::vector<double> values = column(draws, l);
        moments.emplace_back(values);
        bands[l].p95 = upper_quantile(values, 0.95);
        for (std::size_t b = 0; b < values.size(); ++b) {
            largest[b] = std::max(largest[b], moments[l].studentised(values[b]));
        }
    }
    const double factor = upper_quantile(largest, level);
    for (std::size_t l = 0; l < bands.size(); ++l) {
        bands[l].mean = moments[l].mean();
        bands[l].band = bands[l].mean + factor * moments[l].deviation();
    }
    return bands;
}

}  // namespace alluvium
