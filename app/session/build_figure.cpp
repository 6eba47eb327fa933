#include <algorithm>
#include <cassert>
#include <sstream>

#include "analysis/figures/circuit_figure.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/divergence_figure.h"
#include "analysis/figures/groups.h"
#include "analysis/figures/heatmap_figure.h"
#include "app/session/figure_request.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

// Rows of the analysis whose labels were asked for; empty: all.
std::vector<std::size_t> chosen_groups(const FigureRequest& request, const Analysis& analysis) {
    std::vector<std::size_t> chosen;
    for (const std::string& label : request.groups) {
        const auto found =
            std::find_if(analysis.groups.begin(), analysis.groups.end(),
                         [&](const GroupSample& group) { return group.label == label; });
        if (found == analysis.groups.end()) continue;
        chosen.push_back(static_cast<std::size_t>(found - analysis.groups.begin()));
    }
    return chosen;
}

bool same_experts(const Analysis& a, const Analysis& b) {
    return !a.layers.empty() && !b.layers.empty() &&
           a.layers.front().experts == b.layers.front().experts;
}

HeatmapOptions heatmap_options(const FigureRequest& request, const Analysis& analysis,
                               const Analysis* other) {
    HeatmapOptions options;
    options.style = request.measure == Measure::share ? HeatmapStyle::talk : HeatmapStyle::ratio;
    options.looks = group_looks(analysis, LanguageTable::instance());
    options.groups = chosen_groups(request, analysis);
    options.width = request.width;
    options.height = request.height;
    options.heading = request.heading;
    const Analysis& ordering =
        other != nullptr && same_experts(analysis, *other) ? *other : analysis;
    options.columns = sorted_experts(ordering, request.sort);
    if (!options.columns.empty()) return options;
    if (other != nullptr && same_experts(analysis, *other)) {
        HeatmapOptions beside = options;
        beside.looks = group_looks(*other, LanguageTable::instance());
        beside.groups = chosen_groups(request, *other);
        options.columns = heatmap_columns(*other, beside);
    }
    return options;
}

// How much of its size a figure keeps when it is fitted into what was asked for.
double fitting_scale(const Figure& figure, const FigureRequest& request) {
    return std::min({1.0, request.width / figure.width, request.height / figure.height});
}

// Draws a map that fits the panel: where many panels do not fit at full size, a wider page shown
// smaller keeps them side by side, and the one that is shown largest is taken.
template <typename Draw>
Figure fitted(const FigureRequest& request, HeatmapOptions options, const Draw& draw) {
    Figure best = draw(options);
    if (request.width <= 0 || request.height <= 0) return best;
    constexpr double kGoodEnough = 0.95;
    for (const double wider : {1.0, 1.25, 1.6, 2.0, 2.5, 3.2}) {
        if (fitting_scale(best, request) >= kGoodEnough) break;
        options.width = request.width * wider;
        options.height = wider == 1.0 ? 0 : request.height * wider;
        Figure candidate = draw(options);
        if (fitting_scale(candidate, request) > fitting_scale(best, request)) {
            best = std::move(candidate);
        }
    }
    return best;
}

DivergenceOptions divergence_options(const FigureRequest& request, const Analysis& analysis) {
    DivergenceOptions options;
    options.looks = group_looks(analysis, LanguageTable::instance());
    options.width = request.width;
    options.height = request.height;
    options.heading = request.heading;
    options.sentence = request.sentence;
    return options;
}

CircuitFigureOptions circuit_options(const FigureRequest& request, const Analysis& analysis) {
    CircuitFigureOptions options;
    options.looks = group_looks(analysis, LanguageTable::instance());
    options.selected = chosen_groups(request, analysis);
    // More colours than a person can tell apart are none at all.
    if (options.selected.size() > kMaxSelected) options.selected.clear();
    options.width = request.width;
    options.height = request.height;
    options.heading = request.heading;
    return options;
}

}  // namespace

std::string to_string(FigureKind kind) {
    switch (kind) {
        case FigureKind::heatmap:
            return "heatmap";
        case FigureKind::divergence:
            return "divergence";
        case FigureKind::circuit:
            return "circuit";
        case FigureKind::difference:
            return "difference";
    }
    return {};
}

std::string request_key(const FigureRequest& request) {
    std::ostringstream key;
    key << to_string(request.kind) << ' ' << request.width << 'x' << request.height
        << (request.dark ? " dark" : " light") << (request.heading ? " heading" : "")
        << (request.sentence ? " sentence" : "")
        << (request.measure == Measure::share ? " share" : " relative")
        << " order=" << to_string(request.sort) << " groups=";
    for (const std::string& group : request.groups) key << group << ',';
    return key.str();
}

Figure build_figure(const FigureRequest& request, const Analysis& analysis, const Analysis* other,
                    const TextMeter& meter) {
    const Theme theme = request.dark ? dark_theme() : light_theme();
    switch (request.kind) {
        case FigureKind::heatmap:
            return fitted(request, heatmap_options(request, analysis, other),
                          [&](const HeatmapOptions& options) {
                              return heatmap_figure(analysis, options, theme, meter);
                          });
        case FigureKind::divergence:
            return divergence_figure(analysis, divergence_options(request, analysis), theme, meter);
        case FigureKind::circuit:
            return circuit_figure(analysis, circuit_options(request, analysis), theme, meter);
        case FigureKind::difference:
            assert(other != nullptr);
            return fitted(request, heatmap_options(request, analysis, nullptr),
                          [&](const HeatmapOptions& options) {
                              return heatmap_difference_figure(analysis, *other, options, theme,
                                                               meter);
                          });
    }
    return {};
}

}  // namespace alluvium
