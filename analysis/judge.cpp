#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/depth_curve.h"

namespace alluvium {
namespace {

// The smallest difference of relative divergence that is called one.
constexpr double kEffect = 0.02;
// Thirds of fewer layers hold a single layer each: chance decides.
constexpr std::size_t kFewestLayers = 6;
// A layer without any variation has its own value as its band.
constexpr double kRounding = 1e-12;
// d_late, d_early and late_two are looked at together.
constexpr std::size_t kContrasts = 3;

char inferential_sign(const Estimate& d) {
    if (!d.has_interval()) return '?';
    if (d.low > 0 && d.value >= kEffect) return '+';
    if (d.high < 0 && d.value <= -kEffect) return '-';
    if (d.low > -kEffect && d.high < kEffect) return '0';
    return '?';
}

char descriptive_sign(double value) {
    if (std::isnan(value)) return '?';
    if (value >= kEffect) return '+';
    return value <= -kEffect ? '-' : '0';
}

Pattern pattern_of(char late, char early) {
    struct Rule {
        char late, early;
        Pattern pattern;
    };
    constexpr std::array rules = {
        Rule{'+', '0', Pattern::spread_out_in_the_end},
        Rule{'+', '+', Pattern::u_shaped},
        Rule{'0', '+', Pattern::front_loaded},
        Rule{'-', '-', Pattern::middle_peaked},
        Rule{'0', '0', Pattern::flat},
        Rule{'-', '0', Pattern::late_convergence},
        Rule{'0', '-', Pattern::early_rise},
        Rule{'+', '-', Pattern::rising},
        Rule{'-', '+', Pattern::falling},
    };
    for (const Rule& rule : rules) {
        if (rule.late == late && rule.early == early) return rule.pattern;
    }
    return Pattern::inconclusive;
}

// Units at which the interval, shrinking with the square root of their number, would decide.
double units_to_decide(const Estimate& d, double units) {
    const double size = std::fabs(d.value);
    const double needed_width = size >= kEffect ? size : kEffect - size;
    const double factor = d.half_width() / needed_width;
    return std::ceil(units * factor * factor);
}

std::size_t units_needed(const Verdict& verdict, std::size_t units) {
    double needed = 0;
    for (const auto& [sign, d] : {std::pair{verdict.late_sign, verdict.d_late},
                                  std::pair{verdict.early_sign, verdict.d_early}}) {
        if (sign != '?' || !d.has_interval()) continue;
        needed = std::max(needed, units_to_decide(d, static_cast<double>(units)));
    }
    // An estimate on the very edge of 0.02 asks for more than anyone has: say nothing.
    return needed > 0 && needed < 1e9 ? std::max(static_cast<std::size_t>(needed), units + 1) : 0;
}

// Level at which the tested contrast stands in Holm's procedure over all of them.
double holm_level(double p, std::array<double, kContrasts> all) {
    if (std::any_of(all.begin(), all.end(), [](double q) { return std::isnan(q); })) return 0.95;
    std::sort(all.begin(), all.end());
    const auto rank =
        static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), p) - all.begin());
    return 1 - 0.05 / static_cast<double>(kContrasts - std::min(rank, kContrasts - 1));
}

std::vector<double> difference(std::vector<double> a, const std::vector<double>& b) {
    for (std::size_t l = 0; l < a.size(); ++l) a[l] -= b[l];
    return a;
}

struct Windows {
    std::vector<double> early, middle, late, last_two;
};

Windows windows_of(const DepthCurve& curve) {
    const Thirds thirds = thirds_of(curve.size());
    return {window_mean(curve, 0, thirds.middle_begin),
            window_mean(curve, thirds.middle_begin, thirds.late_begin),
            window_mean(curve, thirds.late_begin, thirds.end),
            window_mean(curve, thirds.end - std::min<std::size_t>(2, thirds.end), thirds.end)};
}

void set_windows(const DepthCurve& curve, Verdict& verdict) {
    const Thirds thirds = thirds_of(curve.size());
    const auto window = [&](std::size_t begin, std::size_t end) {
        return LayerWindow{curve.layers[begin], curve.layers[end - 1]};
    };
    verdict.early_layers = window(0, thirds.middle_begin);
    verdict.middle_layers = window(thirds.middle_begin, thirds.late_begin);
    verdict.late_layers = window(thirds.late_begin, thirds.end);
}

void judge_descriptively(const DepthCurve& curve, const Windows& windows, Verdict& verdict) {
    verdict.early = curve.observed(windows.early);
    verdict.middle = curve.observed(windows.middle);
    verdict.late = curve.observed(windows.late);
    verdict.d_late.value = verdict.late - verdict.middle;
    verdict.d_early.value = verdict.early - verdict.middle;
    verdict.late_two.value = curve.observed(windows.last_two) - verdict.middle;
    verdict.late_sign = descriptive_sign(verdict.d_late.value);
    verdict.early_sign = descriptive_sign(verdict.d_early.value);
}

void judge_inferentially(const DepthCurve& curve, const Windows& windows, Verdict& verdict) {
    verdict.early = curve.combination(windows.early).corrected;
    verdict.middle = curve.combination(windows.middle).corrected;
    verdict.late = curve.combination(windows.late).corrected;
    const auto late = curve.combination(difference(windows.late, windows.middle));
    const auto early = curve.combination(difference(windows.early, windows.middle));
    const auto last_two = curve.combination(difference(windows.last_two, windows.middle));
    verdict.d_late = late.interval();
    verdict.d_early = early.interval();
    const double p = last_two.p_value();
    verdict.late_two = last_two.interval(holm_level(p, {late.p_value(), early.p_value(), p}));
    verdict.late_sign = inferential_sign(verdict.d_late);
    verdict.early_sign = inferential_sign(verdict.d_early);
    verdict.onset = find_onset(curve, curve.combination(windows.middle).interval());
}

bool inside_the_band(const DepthCurve& curve) {
    if (curve.band.empty() || curve.descriptive) return false;
    for (std::size_t l = 0; l < curve.size(); ++l) {
        if (curve.value[l] > curve.band[l] + kRounding) return false;
    }
    return true;
}

}  // namespace

Verdict judge(const DepthCurve& curve) {
    Verdict verdict;
    verdict.basis = curve.descriptive ? Basis::descriptive : Basis::inferential;
    if (curve.size() < kFewestLayers) {
        verdict.pattern =
            inside_the_band(curve) ? Pattern::no_language_routing : Pattern::too_few_routed_layers;
        return verdict;
    }
    set_windows(curve, verdict);
    const Windows windows = windows_of(curve);
    if (curve.descriptive) {
        judge_descriptively(curve, windows, verdict);
    } else {
        judge_inferentially(curve, windows, verdict);
    }
    verdict.pattern = inside_the_band(curve) ? Pattern::no_language_routing
                                             : pattern_of(verdict.late_sign, verdict.early_sign);
    if (verdict.pattern == Pattern::inconclusive && curve.has_uncertainty()) {
        verdict.units_needed = units_needed(verdict, curve.without.rows());
    }
    return verdict;
}

std::string_view to_string(Pattern pattern) {
    switch (pattern) {
        case Pattern::spread_out_in_the_end:
            return "spread_out_in_the_end";
        case Pattern::u_shaped:
            return "u_shaped";
        case Pattern::front_loaded:
            return "front_loaded";
        case Pattern::middle_peaked:
            return "middle_peaked";
        case Pattern::flat:
            return "flat";
        case Pattern::late_convergence:
            return "late_convergence";
        case Pattern::early_rise:
            return "early_rise";
        case Pattern::rising:
            return "rising";
        case Pattern::falling:
            return "falling";
        case Pattern::inconclusive:
            return "inconclusive";
        case Pattern::no_language_routing:
            return "no_language_routing";
        case Pattern::too_few_routed_layers:
            return "too_few_routed_layers";
        case Pattern::not_applicable:
            return "not_applicable";
        case Pattern::unsupported:
            return "unsupported";
    }
    return "";
}

std::string_view to_string(Basis basis) {
    return basis == Basis::inferential ? "inferential" : "descriptive";
}

}  // namespace alluvium
