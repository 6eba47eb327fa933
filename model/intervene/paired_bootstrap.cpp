#include "model/intervene/paired_bootstrap.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "model/train/random_source.h"

namespace alluvium {
namespace {

constexpr double kMissingValue = std::numeric_limits<double>::quiet_NaN();

RatioUnit& operator+=(RatioUnit& sum, const RatioUnit& term) {
    sum.numerator += term.numerator;
    sum.denominator += term.denominator;
    return sum;
}

double ratio_of(const RatioUnit& sum) {
    return sum.denominator > 0 ? sum.numerator / sum.denominator : kMissingValue;
}

Estimate estimate(double value, std::vector<double> resampled, bool drawable) {
    if (!drawable) return {value, kMissingValue, kMissingValue};
    const Interval interval = percentile_interval(std::move(resampled));
    return {value, interval.low, interval.high};
}

}  // namespace

PairedBootstrap::PairedBootstrap(std::span<const ObservationKey> keys,
                                 const BootstrapOptions& options)
    : options_(options) {
    std::map<std::string, Unit> units;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        language_.push_back(keys[i].language);
        std::string name = keys[i].unit;
        if (name.empty()) {
            // No label begins with a NUL byte: units that stand alone get names of their own.
            name.push_back('\0');
            name += std::to_string(i);
        }
        units[name].observations.push_back(i);
    }
    std::map<std::set<std::size_t>, Stratum> strata;
    for (auto& [name, unit] : units) {
        std::set<std::size_t> languages;
        for (const std::size_t i : unit.observations) languages.insert(language_[i]);
        Stratum& stratum = strata[languages];
        stratum.languages.assign(languages.begin(), languages.end());
        stratum.units.push_back(std::move(unit));
    }
    for (auto& [languages, stratum] : strata) strata_.push_back(std::move(stratum));
}

double PairedBootstrap::value(std::span<const RatioUnit> observations, std::size_t language) const {
    RatioUnit sum;
    for (std::size_t i = 0; i < observations.size(); ++i) {
        if (language_[i] == language) sum += observations[i];
    }
    return ratio_of(sum);
}

bool PairedBootstrap::drawable(std::size_t language) const {
    std::size_t units = 0;
    for (const Stratum& stratum : strata_) {
        if (std::ranges::binary_search(stratum.languages, language)) units += stratum.units.size();
    }
    return units > 1;
}

// [resamples]; the same draws of units for every language.
std::vector<double> PairedBootstrap::resampled(std::span<const RatioUnit> observations,
                                               std::size_t language) const {
    std::vector<RatioUnit> sums(options_.resamples);
    RandomSource seeds(options_.seed);
    for (const Stratum& stratum : strata_) {
        RandomSource random(seeds.next());
        if (!std::ranges::binary_search(stratum.languages, language)) continue;
        std::vector<RatioUnit> of_unit(stratum.units.size());
        for (std::size_t u = 0; u < of_unit.size(); ++u) {
            for (const std::size_t i : stratum.units[u].observations) {
                if (language_[i] == language) of_unit[u] += observations[i];
            }
        }
        for (RatioUnit& sum : sums) {
            for (std::size_t n = 0; n < of_unit.size(); ++n) {
                sum += of_unit[random.below(of_unit.size())];
            }
        }
    }
    std::vector<double> ratios;
    for (const RatioUnit& sum : sums) ratios.push_back(ratio_of(sum));
    std::erase_if(ratios, [](double r) { return r != r; });
    return ratios;
}

Estimate PairedBootstrap::ratio(std::span<const RatioUnit> observations,
                                std::size_t language) const {
    std::vector<double> draws = resampled(observations, language);
    const bool enough = drawable(language) && !draws.empty();
    return estimate(value(observations, language), std::move(draws), enough);
}

Estimate PairedBootstrap::difference(std::span<const RatioUnit> observations, std::size_t a,
                                     std::size_t b) const {
    std::vector<double> draws = resampled(observations, a);
    const std::vector<double> others = resampled(observations, b);
    const bool enough =
        drawable(a) && drawable(b) && !draws.empty() && draws.size() == others.size();
    for (std::size_t r = 0; enough && r < draws.size(); ++r) draws[r] -= others[r];
    return estimate(value(observations, a) - value(observations, b), std::move(draws), enough);
}

}  // namespace alluvium
