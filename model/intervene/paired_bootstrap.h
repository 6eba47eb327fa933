#pragma once
// Intervals for effects per language, and for differences between languages.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "model/evaluate/statistics.h"

namespace alluvium {

// 95 %. low and high are NaN where a single unit leaves nothing to draw.
struct Estimate {
    double value = 0;
    double low = 0;
    double high = 0;
};

// Where an observation (a prompt, a question) belongs.
struct ObservationKey {
    std::size_t language = 0;
    std::string unit;  // ties translations of one text together; empty: stands alone
};

// Percentile bootstrap (Efron) of ratios over units. Translations of one text are one unit and are
// drawn together, so that a difference between two languages is a paired one; units are drawn
// within strata that hold the same languages.
class PairedBootstrap {
  public:
    PairedBootstrap(std::span<const ObservationKey> keys, const BootstrapOptions& options);

    // Sum of numerators over sum of denominators of a language's observations, in the order of the
    // keys. NaN where the denominators are 0.
    double value(std::span<const RatioUnit> observations, std::size_t language) const;
    // The same with its interval.
    Estimate ratio(std::span<const RatioUnit> observations, std::size_t language) const;
    // ratio(a) - ratio(b)
    Estimate difference(std::span<const RatioUnit> observations, std::size_t a,
                        std::size_t b) const;

  private:
    struct Unit {
        std::vector<std::size_t> observations;
    };
    struct Stratum {
        std::vector<std::size_t> languages;  // ascending
        std::vector<Unit> units;
    };

    std::vector<double> resampled(std::span<const RatioUnit> observations,
                                  std::size_t language) const;
    bool drawable(std::size_t language) const;

    std::vector<std::size_t> language_;  // [observations]
    std::vector<Stratum> strata_;
    BootstrapOptions options_;
};

}  // namespace alluvium
