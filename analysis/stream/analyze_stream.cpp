#include "analysis/stream/analyze_stream.h"

#include <algorithm>
#include <cmath>

#include "analysis/depth_curve.h"
#include "analysis/sample.h"
#include "analysis/stream/language_variance.h"
#include "analysis/stream/prompt_vectors.h"
#include "analysis/stream/stream_sentence.h"
#include "base/error.h"
#include "captures/stream_means.h"

namespace alluvium {
namespace {

// Labels of the prompts that have a vector.
std::vector<std::int32_t> labels_with_rows(const Grid<float>& rows,
                                           const std::vector<std::int32_t>& labels) {
    std::vector<std::int32_t> result = labels;
    for (std::size_t p = 0; p < labels.size(); ++p) {
        if (!std::ranges::all_of(rows.row(p), [](float v) { return std::isfinite(v); })) {
            result[p] = kUnlabelled;
        }
    }
    return result;
}

// [units] without each unit in turn.
std::vector<double> without_units(const LanguageVariance& variance, const PromptUnits& units) {
    std::vector<double> without;
    for (const auto& prompts : units.prompts) without.push_back(variance.share_without(prompts));
    return without;
}

class Curve {
  public:
    explicit Curve(const PromptUnits& units) : units_(units) {}

    // As observed, with the jackknife's interval around it: the estimate has no bias to take out.
    Estimate add(LayerId layer, const LanguageVariance& variance) {
        const double share = variance.share();
        Estimate e{.value = share};
        const bool interval = units_.no_interval.empty();
        std::vector<double> without;
        if (interval) {
            without = without_units(variance, units_);
            const double half = jackknife(share, without, units_.stratum).interval().half_width();
            e = {share, share - half, share + half};
        }
        if (layer >= 0) {
            curve_.layers.push_back(layer);
            curve_.value.push_back(share);
            curve_.ceiling.push_back(1);
            without_.push_back(std::move(without));
        }
        return e;
    }

    Verdict judged() {
        if (units_.no_interval.empty()) {
            curve_.stratum = units_.stratum;
            curve_.without = Grid<double>(units_.size(), curve_.size());
            for (std::size_t l = 0; l < curve_.size(); ++l) {
                for (std::size_t u = 0; u < units_.size(); ++u) {
                    curve_.without(u, l) = without_[l][u];
                }
            }
        }
        return judge(curve_);
    }

  private:
    const PromptUnits& units_;
    DepthCurve curve_;
    std::vector<std::vector<double>> without_;  // [layers][units]
};

StreamLayer analyze_layer(LayerId layer, const Grid<float>& rows, const Sample& sample,
                          Curve& curve) {
    const PromptUnits& units = sample.units;
    const std::vector<std::int32_t> labels = labels_with_rows(rows, units.labels);
    const StreamRows vectors{rows, labels, units.groups};
    StreamLayer result;
    result.layer = layer;
    result.prompts = static_cast<std::size_t>(
        std::ranges::count_if(labels, [](std::int32_t label) { return label >= 0; }));
    result.language_variance = curve.add(layer, LanguageVariance(vectors));
    if (units.crossed) result.translations = translation_distance(vectors, units.prompts);
    result.probe = centroid_probe(vectors, units.prompts);
    return result;
}

void describe(const RoutingTrace& trace, const Sample& sample, StreamAnalysis& analysis) {
    Analysis described;
    describe_sample(trace.header(), sample, described);
    analysis.design = described.design;
    analysis.groups = sample.grouping.labels;
    analysis.trace_path = trace.header().path;
    analysis.model = trace.header().model;
    if (!sample.units.no_interval.empty()) {
        analysis.missing["language_variance.low"] = sample.units.no_interval;
    }
    if (!sample.units.crossed) {
        analysis.missing["translation_distance"] = "no translation group holds two of the groups";
    }
}

}  // namespace

bool has_stream(const RoutingTrace& trace) {
    return !trace.header().hidden_layers.empty() || stream_means(trace) != nullptr;
}

StreamAnalysis analyze_stream(const RoutingTrace& trace, const AnalysisOptions& options,
                              Progress& progress) {
    if (options.by == "class") {
        throw UserError(
            "--by class: the residual stream is recorded by prompt, and a prompt has "
            "tokens of every class",
            "group prompts: language, family, domain, ...");
    }
    const Sample sample = take_sample(trace, options, progress);
    if (sample.units.present < 2) {
        throw UserError("a single group: nothing to compare its residual stream with",
                        "group prompts by something that differs, or take more of them");
    }
    const PromptVectors vectors(trace, sample.selection);
    StreamAnalysis analysis;
    analysis.by = options.by;
    analysis.where = options.where;
    analysis.from_means = vectors.from_means();
    describe(trace, sample, analysis);
    progress.start(vectors.layers().size());
    Curve curve(sample.units);
    for (const LayerId layer : vectors.layers()) {
        const Grid<float> rows = vectors.at(layer, progress);
        analysis.layers.push_back(analyze_layer(layer, rows, sample, curve));
        analysis.layers.back().routed = std::ranges::any_of(
            trace.layers(), [&](const RoutedLayerInfo& info) { return info.layer == layer; });
    }
    analysis.verdict = curve.judged();
    write_stream_sentence(analysis);
    return analysis;
}

}  // namespace alluvium
