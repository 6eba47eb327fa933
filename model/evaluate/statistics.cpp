#include "model/evaluate/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "model/train/random_source.h"

namespace alluvium {
namespace {

constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal distribution

double ratio(std::span<const RatioUnit> units) {
    double numerator = 0, denominator = 0;
    for (const RatioUnit& unit : units) {
        numerator += unit.numerator;
        denominator += unit.denominator;
    }
    return numerator / denominator;
}

double resampled_ratio(std::span<const RatioUnit> units, RandomSource& random) {
    double numerator = 0, denominator = 0;
    for (std::size_t i = 0; i < units.size(); ++i) {
        const RatioUnit& unit = units[random.below(units.size())];
        numerator += unit.numerator;
        denominator += unit.denominator;
    }
    return numerator / denominator;
}

// Linear between the order statistics.
double quantile(const std::vector<double>& sorted, double q) {
    const double place = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

}  // namespace

Interval percentile_interval(std::vector<double> values) {
    std::ranges::sort(values);
    return {quantile(values, 0.025), quantile(values, 0.975)};
}

Interval wilson(std::uint64_t correct, std::uint64_t questions) {
    assert(questions > 0 && correct <= questions);
    const auto n = static_cast<double>(questions);
    const double p = static_cast<double>(correct) / n;
    const double square = kZ * kZ / n;
    const double middle = p + square / 2;
    const double half = kZ * std::sqrt(p * (1 - p) / n + square / (4 * n));
    // At none or all correct one end is exactly 0 or 1, up to rounding.
    return {std::max(0.0, (middle - half) / (1 + square)),
            std::min(1.0, (middle + half) / (1 + square))};
}

RatioBootstrap::RatioBootstrap(std::span<const std::vector<RatioUnit>> strata,
                               const BootstrapOptions& options) {
    RandomSource seeds(options.seed);
    for (const std::vector<RatioUnit>& units : strata) {
        assert(!units.empty());
        values_.push_back(ratio(units));
        RandomSource random(seeds.next());
        std::vector<double>& values = resampled_.emplace_back(options.resamples);
        for (double& value : values) value = resampled_ratio(units, random);
    }
}

Interval RatioBootstrap::interval(std::size_t stratum) const {
    return percentile_interval(resampled_[stratum]);
}

double RatioBootstrap::mean(std::span<const std::size_t> strata) const {
    assert(!strata.empty());
    double sum = 0;
    for (const std::size_t stratum : strata) sum += values_[stratum];
    return sum / static_cast<double>(strata.size());
}

Interval RatioBootstrap::mean_interval(std::span<const std::size_t> strata) const {
    assert(!strata.empty());
    std::vector<double> means(resampled_[strata.front()].size());
    for (const std::size_t stratum : strata) {
        for (std::size_t r = 0; r < means.size(); ++r) means[r] += resampled_[stratum][r];
    }
    for (double& mean : means) mean /= static_cast<double>(strata.size());
    return percentile_interval(std::move(means));
}

}  // namespace alluvium
