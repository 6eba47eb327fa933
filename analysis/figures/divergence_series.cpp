#include "analysis/figures/divergence_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/figures/finding.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

// "No interval, no noise floor: prompts unknown ...", one sentence per reason.
std::string absent_text(const Analysis& analysis, const DivergenceSeries& series) {
    std::vector<std::pair<std::string, std::string>> reasons;  // reason, what is missing
    const auto note = [&](bool shown, const char* field, const std::string& what) {
        const auto at = analysis.missing.find(field);
        if (shown || at == analysis.missing.end()) return;
        for (auto& [reason, list] : reasons)
            if (reason == at->second) {
                list += ", no " + what;
                return;
            }
        reasons.emplace_back(at->second, "No " + what);
    };
    note(any_value(series.low), "divergence.low", "interval");
    const bool band_explained = analysis.missing.contains("divergence.band");
    note(any_value(series.band), band_explained ? "divergence.band" : "divergence.null_mean",
         "band of shuffled labels");
    note(any_value(series.floor), "noise_floor", "noise floor");
    std::string out;
    for (const auto& [reason, list] : reasons)
        out += (out.empty() ? "" : " ") + list + ": " + reason + ".";
    return out;
}

}  // namespace

DivergenceSeries divergence_series(const Analysis& analysis) {
    DivergenceSeries out;
    for (const LayerAnalysis& layer : analysis.layers) {
        const Divergence& d = layer.divergence;
        const bool corrected = std::isfinite(d.corrected);
        out.layers.push_back(layer.layer);
        out.curve.push_back(corrected ? d.corrected : d.value);
        out.observed.push_back(d.value);
        out.low.push_back(d.low);
        out.high.push_back(d.high);
        out.band.push_back(d.band);
        out.ceiling.push_back(d.ceiling);
        out.floor.push_back(layer.noise_floor);
        out.random.push_back(layer.random_router.mean);
        out.random_low.push_back(layer.random_router.low);
        out.random_high.push_back(layer.random_router.high);
        out.corrected = out.corrected || corrected;
    }
    return out;
}

bool any_value(const Series& series) {
    return std::any_of(series.begin(), series.end(), [](double v) { return std::isfinite(v); });
}

double largest(const Series& series) {
    double most = -std::numeric_limits<double>::infinity();
    for (const double v : series)
        if (std::isfinite(v)) most = std::max(most, v);
    return most;
}

double smallest(const Series& series) {
    double least = std::numeric_limits<double>::infinity();
    for (const double v : series)
        if (std::isfinite(v)) least = std::min(least, v);
    return least;
}

std::string divergence_title(const Analysis& analysis) {
    const Verdict& v = analysis.verdict;
    if (v.headline.empty()) return "Divergence of expert use over the layers";
    if (!std::isfinite(v.d_late.value)) return v.headline;
    return v.headline + ": late " + interval_text(v.d_late) + ", early " + interval_text(v.d_early);
}

std::string divergence_subtitle(const Analysis& analysis, std::span<const GroupLook> looks) {
    return "Divergence of expert use between " + group_noun(analysis.options.by) +
           ": 0 where all use the same experts, 1 where none share any. " +
           experts_sentence(analysis) + ". " + sample_sentence(analysis, looks);
}

std::vector<std::string> divergence_notes(const Analysis& analysis,
                                          const DivergenceSeries& series) {
    std::vector<std::string> out;
    const std::string who = group_noun(analysis.options.by);
    std::string curve =
        series.corrected ? "Line: corrected for the size of the sample" : "Line: as observed";
    if (any_value(series.low)) curve += ", with 95 % interval (shaded)";
    if (series.corrected) curve += "; open grey dots: as observed, where they differ";
    if (std::isfinite(analysis.verdict.middle))
        curve += ". Above: mean share of the ceiling, and its difference from the middle";
    out.push_back(curve + ".");
    std::string rest = "Ceiling: the most that " + experts_sentence(analysis) + " allow " +
                       std::to_string(analysis.groups.size()) + ' ' + who + ".";
    if (any_value(series.band))
        rest +=
            " Grey band: 95 % of shuffled labels stay inside it, in all layers at once; "
            "compare with the observed value.";
    if (any_value(series.floor))
        rest += " Noise floor: prompts of one of the " + who + " split as if they were several.";
    if (any_value(series.random)) {
        rest += " Random routers: the same router inputs through redrawn routers of the same rule";
        rest += any_value(series.random_low) ? " (95 % of such routers lie in the dotted band)."
                                             : ".";
    }
    out.push_back(rest);
    const std::string absent = absent_text(analysis, series);
    if (!absent.empty()) out.push_back(absent);
    return out;
}

}  // namespace alluvium
