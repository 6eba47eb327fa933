#include <algorithm>

#include "analysis/controls.h"
#include "analysis/depth_resamples.h"
#include "analysis/divergence.h"
#include "analysis/layer_metrics.h"
#include "analysis/make_circuit.h"
#include "analysis/margin_quantiles.h"
#include "analysis/prompt_counts.h"
#include "analysis/router_entropy.h"
#include "analysis/sample.h"
#include "analysis/share.h"
#include "analysis/token_analysis.h"
#include "base/error.h"

namespace alluvium {
namespace {

void require_fields(const RoutedLayerInfo& info, Weighting weighting) {
    const std::string at = " at layer " + std::to_string(info.layer);
    if (!info.has_experts) {
        throw UserError("the trace does not hold which experts were chosen" + at,
                        "capture again with --record experts");
    }
    if (weighting == Weighting::mass && !info.has_weights) {
        throw UserError("--weighting mass: the trace has no weights" + at,
                        "use count, or capture again with --record experts,weights");
    }
}

// What a layer is added to.
struct Accumulators {
    DepthResamples& resamples;
    Controls* controls;  // nullptr: none asked for
};

LayerAnalysis analyze_layer(const RoutingTrace& trace, std::size_t routed, const Sample& sample,
                            const AnalysisOptions& options, const Accumulators& to,
                            Progress& progress) {
    const RoutedLayerInfo& info = trace.layers()[routed];
    const PromptUnits& units = sample.units;
    const bool by_mass = options.weighting == Weighting::mass;
    require_fields(info, options.weighting);
    const PromptCounts counts = count_prompts(trace, routed, sample.selection, by_mass, progress);
    const Grid<double> selections = to_weights(counts.selections);
    const Grid<double>& rows = by_mass ? counts.mass : selections;

    LayerTotals totals{sum_by_label(selections, units.labels, units.groups),
                       sum_by_label(rows, units.labels, units.groups),
                       tokens_by_group(counts.tokens, units)};
    LayerAnalysis layer = layer_metrics(info, totals, options);
    layer.missing_tokens = counts.missing_tokens;
    layer.divergence.top1 =
        divergence(sum_by_label(to_weights(counts.top1), units.labels, units.groups));
    to.resamples.add_layer(rows, layer, progress);
    if (to.controls != nullptr) to.controls->add_layer(routed, counts, rows, layer, progress);
    if (info.has_logits) layer.entropy = router_entropy(trace, routed, sample.selection, progress);
    if (info.has_margin) layer.margin = margin_quantiles(trace, routed, sample.selection);
    return layer;
}

void explain_layers(const RoutingTrace& trace, Analysis& analysis) {
    for (std::size_t l = 0; l < analysis.layers.size(); ++l) {
        const RoutedLayerInfo& info = trace.layers()[l];
        const std::string at = "layers." + std::to_string(info.layer) + ".";
        if (info.has_logits) {
            analysis.probability_note = to_string(probabilities_of(trace.header(), l));
        } else {
            for (const char* field : {"usage_entropy", "token_entropy", "token_information"}) {
                analysis.missing[at + field] = "no logits recorded";
            }
        }
        if (!info.has_margin) analysis.missing[at + "margin"] = "no margins recorded";
        if (analysis.layers[l].divergence.ceiling == 0) {
            analysis.missing[at + "divergence.relative"] =
                "every token chooses every expert: no divergence is possible";
        }
    }
}

void explain(const PromptUnits& units, const DepthResamples& resamples, Analysis& analysis) {
    auto& missing = analysis.missing;
    if (!units.no_interval.empty()) {
        for (const char* field :
             {"divergence.corrected", "divergence.low", "divergence.high", "divergence.relative",
              "verdict.early", "verdict.middle", "verdict.late", "verdict.d_late",
              "verdict.d_early", "verdict.late_two", "verdict.onset"}) {
            missing[field] = units.no_interval;
        }
    }
    if (!units.no_permutation.empty()) {
        for (const char* field : {"divergence.null_mean", "divergence.null_p95", "divergence.band",
                                  "mutual_information_null"}) {
            missing[field] = units.no_permutation;
        }
    } else if (analysis.options.weighting == Weighting::mass) {
        missing["mutual_information_null"] = "counted under --weighting count only";
    }
    if (!resamples.no_noise_floor().empty()) missing["noise_floor"] = resamples.no_noise_floor();
    if (!analysis.verdict.onset) {
        missing.emplace("verdict.onset",
                        "no layer after the middle from which divergence stays "
                        "above the band and the middle's upper bound");
    }
}

void add_circuit(const RoutingTrace& trace, const Sample& sample, Progress& progress,
                 Analysis& analysis) {
    const AnalysisOptions& options = analysis.options;
    if (!options.circuit) return;
    const auto layers = trace.layers();
    const bool weights = std::all_of(layers.begin(), layers.end(),
                                     [](const RoutedLayerInfo& info) { return info.has_weights; });
    if (options.circuit->flow == FlowKind::mass && !weights) {
        analysis.missing["circuit"] = "no weights recorded: --flow top1 does without";
        return;
    }
    analysis.circuit = make_circuit(trace, sample.selection, sample.units, *options.circuit,
                                    {options.permutations, options.seed}, progress);
}

}  // namespace

Analysis analyze_tokens(const RoutingTrace& trace, const AnalysisOptions& options,
                        Progress& progress) {
    const std::size_t layers = trace.layers().size();
    const std::size_t readings = 1 + (options.circuit ? 2 : 0);
    progress.start(trace.header().token_count *
                   (1 + (options.controls.any() ? 1 : 0) + layers * readings));
    const Sample sample = take_sample(trace, options, progress);
    Analysis analysis;
    analysis.options = options;
    describe_sample(trace.header(), sample, analysis);
    DepthResamples resamples(sample.units, layers, options);
    std::optional<Controls> controls;
    if (options.controls.any()) controls.emplace(trace, sample, options, progress);
    const Accumulators to{resamples, controls ? &*controls : nullptr};
    for (std::size_t l = 0; l < layers; ++l) {
        analysis.layers.push_back(analyze_layer(trace, l, sample, options, to, progress));
    }
    resamples.finish(analysis.layers);
    if (sample.units.present >= 2) analysis.verdict = judge(resamples.curve());
    if (controls) {
        controls->finish(analysis);
    } else {
        note_no_controls("the controls were not asked for", analysis);
    }
    explain_layers(trace, analysis);
    explain(sample.units, resamples, analysis);
    add_circuit(trace, sample, progress, analysis);
    return analysis;
}

}  // namespace alluvium
