#pragma once
// Divergence over depth with everything that says how sure it is: what a verdict is made from.
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/jackknife.h"
#include "analysis/verdict.h"
#include "base/grid.h"

namespace alluvium {

struct DepthCurve {
    std::vector<LayerId> layers;  // routed, bottom up
    std::vector<double> value;    // D as observed
    std::vector<double> ceiling;
    // D without each unit, [units, layers], and the units' strata; empty: no uncertainty.
    Grid<double> without;
    std::vector<std::int32_t> stratum;
    std::vector<double> band;  // empty: no null
    Grid<double> bootstrap;    // D of bootstrap samples, [draws, layers]; may be empty
    bool descriptive = false;  // the prompts are unknown: judge by the estimates alone

    std::size_t size() const { return layers.size(); }
    bool has_uncertainty() const { return !without.empty(); }
    // Whether layer index l can be put on the relative scale.
    bool comparable(std::size_t l) const { return value[l] == value[l] && ceiling[l] > 0; }

    // Corrected D of one layer.
    JackknifeResult corrected(std::size_t l) const;
    // Jackknife of sum_l weights[l] D_l / ceiling_l. Layers that are not comparable must have
    // weight 0.
    JackknifeResult combination(const std::vector<double>& weights) const;
    // The same sum of observed values, nothing corrected.
    double observed(const std::vector<double>& weights) const;
};

// Thirds of n layers as half-open index ranges: n / 3 rounded down for early and late, the middle
// takes the remainder.
struct Thirds {
    std::size_t middle_begin = 0;
    std::size_t late_begin = 0;
    std::size_t end = 0;
};
Thirds thirds_of(std::size_t layers);

// Weights that take the mean over the comparable layers of [begin, end); NaN, so that what is made
// with them is missing, where there is none.
std::vector<double> window_mean(const DepthCurve& curve, std::size_t begin, std::size_t end);

// The first layer after the middle window from which D stays above the band and its relative value
// above `middle`'s upper bound. The bootstrap doubles the bias of D, so it is taken out twice
// there.
std::optional<Onset> find_onset(const DepthCurve& curve, const Estimate& middle);

// Everything but the sentences. See docs/metrics.md for the rules.
Verdict judge(const DepthCurve& curve);

}  // namespace alluvium
