#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/depth_curve.h"
#include "analysis/null_band.h"

namespace alluvium {
namespace {

// Lowest index of the late window from which the condition holds up to the last layer.
template <typename Holds>
std::optional<std::size_t> lowest_run(const Thirds& thirds, Holds holds) {
    std::size_t first = thirds.end;
    while (first > thirds.late_begin && holds(first - 1)) --first;
    if (first == thirds.end) return std::nullopt;
    return first;
}

// The onset that one bootstrap draw shows.
std::optional<std::size_t> onset_of_draw(const DepthCurve& curve, const std::vector<double>& bias,
                                         std::span<const double> draw, double middle_width) {
    const Thirds thirds = thirds_of(curve.size());
    const auto relative = [&](std::size_t l) { return (draw[l] - 2 * bias[l]) / curve.ceiling[l]; };
    double middle = 0, count = 0;
    for (std::size_t l = thirds.middle_begin; l < thirds.late_begin; ++l) {
        if (!curve.comparable(l)) continue;
        middle += relative(l);
        count += 1;
    }
    const double bound = middle / count + middle_width;
    return lowest_run(thirds, [&](std::size_t l) {
        return curve.comparable(l) && draw[l] - bias[l] > curve.band[l] && relative(l) > bound;
    });
}

}  // namespace

std::optional<Onset> find_onset(const DepthCurve& curve, const Estimate& middle) {
    if (!curve.has_uncertainty() || curve.band.empty() || !middle.has_interval()) {
        return std::nullopt;
    }
    const Thirds thirds = thirds_of(curve.size());
    std::vector<double> bias(curve.size()), relative(curve.size());
    for (std::size_t l = 0; l < curve.size(); ++l) {
        const double corrected = curve.corrected(l).corrected;
        bias[l] = curve.value[l] - corrected;
        relative[l] = corrected / curve.ceiling[l];
    }
    const auto found = lowest_run(thirds, [&](std::size_t l) {
        return curve.comparable(l) && curve.value[l] > curve.band[l] && relative[l] > middle.high;
    });
    if (!found) return std::nullopt;
    Onset onset{curve.layers[*found], curve.layers[*found], curve.layers[*found], 0};
    std::vector<double> drawn;
    for (std::size_t b = 0; b < curve.bootstrap.rows(); ++b) {
        const auto at =
            onset_of_draw(curve, bias, curve.bootstrap.row(b), middle.high - middle.value);
        if (at) drawn.push_back(static_cast<double>(curve.layers[*at]));
    }
    if (drawn.empty()) return onset;
    onset.low = static_cast<LayerId>(lower_quantile(drawn, 0.025));
    onset.high = static_cast<LayerId>(upper_quantile(drawn, 0.975));
    onset.found = static_cast<double>(drawn.size()) / static_cast<double>(curve.bootstrap.rows());
    return onset;
}

}  // namespace alluvium
