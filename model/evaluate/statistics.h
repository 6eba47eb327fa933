#pragma once
// Intervals for what an evaluation counts.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace alluvium {

struct Interval {
    double low = 0, high = 0;
};

// Of a share: `correct` of `questions` > 0. Wilson (1927), without continuity correction, 95 %:
//   (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
Interval wilson(std::uint64_t correct, std::uint64_t questions);

// The middle 95 % of at least one value, linear between the order statistics.
Interval percentile_interval(std::vector<double> values);

// What one unit (a question, a text) adds to the top and the bottom of a ratio.
struct RatioUnit {
    double numerator = 0;
    double denominator = 0;
};

struct BootstrapOptions {
    std::size_t resamples = 2000;
    std::uint64_t seed = 1;
};

// Percentile bootstrap (Efron) of ratios, stratified: units are drawn with replacement within their
// language, languages stay as they are. A language's ratio is the sum of its numerators over the
// sum of its denominators; an average is the plain mean over languages.
class RatioBootstrap {
  public:
    // Each stratum holds at least one unit and a positive sum of denominators.
    RatioBootstrap(std::span<const std::vector<RatioUnit>> strata, const BootstrapOptions& options);

    double value(std::size_t stratum) const { return values_[stratum]; }
    Interval interval(std::size_t stratum) const;
    // Over the given strata, at least one.
    double mean(std::span<const std::size_t> strata) const;
    Interval mean_interval(std::span<const std::size_t> strata) const;

  private:
    std::vector<double> values_;                  // [strata]
    std::vector<std::vector<double>> resampled_;  // [strata][resamples]
};

}  // namespace alluvium
