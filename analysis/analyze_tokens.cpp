#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/depth_curve.h"
#include "analysis/divergence.h"
#include "analysis/layer_metrics.h"
#include "analysis/make_circuit.h"
#include "analysis/margin_quantiles.h"
#include "analysis/mutual_information.h"
#include "analysis/noise_floor.h"
#include "analysis/null_band.h"
#include "analysis/prompt_counts.h"
#include "analysis/prompt_units.h"
#include "analysis/resampling.h"
#include "analysis/router_entropy.h"
#include "analysis/share.h"
#include "analysis/text_statistics.h"
#include "analysis/token_analysis.h"
#include "base/error.h"
#include "captures/prompt_file.h"

namespace alluvium {
namespace {

// Everything drawn once for all layers.
struct Draws {
    Grid<std::int32_t> labels;      // permuted; empty: no null
    Grid<std::uint16_t> bootstrap;  // empty: no interval
    NoiseSplits noise;
};

Draws make_draws(const PromptUnits& units, const AnalysisOptions& options) {
    Draws draws;
    if (units.no_permutation.empty()) {
        draws.labels = permuted_labels(units, options.permutations, options.seed);
    }
    if (units.no_interval.empty()) {
        draws.bootstrap = bootstrap_weights(units, options.bootstraps, options.seed);
    }
    draws.noise = deal_noise_splits(units, options.noise_splits, options.seed);
    return draws;
}

// One statistic under every draw, [draws, layers].
struct NullDraws {
    Grid<double> divergence;
    Grid<double> information;
};

class TokenAnalysis {
  public:
    TokenAnalysis(const RoutingTrace& trace, const AnalysisOptions& options, Progress& progress)
        : trace_(trace),
          options_(options),
          progress_(progress),
          grouping_(group_rows(trace.header(), options.by)),
          selection_(select_tokens(trace, grouping_, options.include_special, progress)),
          units_(make_units(trace.header().prompts, grouping_, selection_)),
          draws_(make_draws(units_, options)) {
        const std::size_t layers = trace.layers().size();
        null_.divergence = Grid<double>(draws_.labels.rows(), layers);
        null_.information = Grid<double>(draws_.labels.rows(), layers);
        curve_.bootstrap = Grid<double>(draws_.bootstrap.rows(), layers);
        if (units_.no_interval.empty()) {
            curve_.without = Grid<double>(units_.size(), layers);
            curve_.stratum = units_.stratum;
        }
    }

    Analysis run() {
        Analysis analysis;
        analysis.options = options_;
        describe_sample(analysis);
        for (std::size_t l = 0; l < trace_.layers().size(); ++l) {
            analysis.layers.push_back(analyze_layer(l, analysis));
        }
        add_null(analysis);
        add_intervals(analysis);
        if (units_.present >= 2) analysis.verdict = judge(curve_);
        explain(analysis);
        add_circuit(analysis);
        return analysis;
    }

  private:
    void describe_sample(Analysis& analysis) const;
    LayerAnalysis analyze_layer(std::size_t l, Analysis& analysis);
    void resample(std::size_t l, const Grid<double>& rows);
    void add_router_fields(std::size_t l, LayerAnalysis& layer, Analysis& analysis);
    void add_null(Analysis& analysis);
    void add_intervals(Analysis& analysis) const;
    void explain(Analysis& analysis) const;
    void add_circuit(Analysis& analysis);

    const RoutingTrace& trace_;
    const AnalysisOptions& options_;
    Progress& progress_;
    Grouping grouping_;
    TokenSelection selection_;
    PromptUnits units_;
    Draws draws_;
    NullDraws null_;
    DepthCurve curve_;
};

std::string prompt_set_name(const TraceHeader& header) {
    const auto named = header.provenance.find("prompt_set");
    if (named != header.provenance.end() && !named->second.empty()) return named->second;
    return {};
}

void TokenAnalysis::describe_sample(Analysis& analysis) const {
    analysis.census = selection_.census;
    std::vector<std::vector<std::uint32_t>> prompts(grouping_.labels.size());
    for (std::size_t p = 0; p < units_.labels.size(); ++p) {
        if (units_.labels[p] < 0) continue;
        prompts[static_cast<std::size_t>(units_.labels[p])].push_back(
            static_cast<std::uint32_t>(p));
    }
    for (std::size_t g = 0; g < prompts.size(); ++g) {
        GroupSample sample;
        sample.label = grouping_.labels[g];
        sample.prompts = prompts[g].size();
        for (const std::uint32_t p : prompts[g]) sample.tokens += selection_.prompts[p].selected;
        const TextStatistics text =
            text_statistics(trace_.header().prompts, selection_, prompts[g]);
        sample.fertility = text.fertility;
        sample.tokens_per_character = text.tokens_per_character;
        sample.byte_fragments = text.byte_fragments;
        analysis.groups.push_back(std::move(sample));
        analysis.design.prompts += prompts[g].size();
    }
    analysis.design.units = units_.size();
    analysis.design.unit_name = units_.unit_name();
    analysis.design.parallel = units_.crossed;
    analysis.design.prompt_set = prompt_set_name(trace_.header());
}

LayerAnalysis TokenAnalysis::analyze_layer(std::size_t l, Analysis& analysis) {
    const RoutedLayerInfo& info = trace_.layers()[l];
    const bool by_mass = options_.weighting == Weighting::mass;
    if (by_mass && !info.has_weights) {
        throw UserError(
            "--weighting mass: the trace has no weights at layer " + std::to_string(info.layer),
            "use count, or capture again with --record experts,weights");
    }
    if (!info.has_experts) {
        throw UserError("the trace does not hold which experts were chosen at layer " +
                            std::to_string(info.layer),
                        "capture again with --record experts");
    }
    PromptCounts counts = count_prompts(trace_, l, selection_, by_mass, progress_);
    const Grid<double> selections = to_weights(counts.selections);
    const Grid<double>& rows = by_mass ? counts.mass : selections;

    LayerTotals totals;
    totals.selections = sum_by_label(selections, units_.labels, units_.groups);
    totals.weighted = sum_by_label(rows, units_.labels, units_.groups);
    totals.tokens.assign(units_.groups, 0);
    for (std::size_t p = 0; p < units_.labels.size(); ++p) {
        if (units_.labels[p] < 0) continue;
        totals.tokens[static_cast<std::size_t>(units_.labels[p])] += counts.tokens[p];
    }
    LayerAnalysis layer = layer_metrics(info, totals, options_);
    layer.missing_tokens = counts.missing_tokens;
    layer.divergence.top1 =
        divergence(sum_by_label(to_weights(counts.top1), units_.labels, units_.groups));
    layer.noise_floor = noise_floor(rows, draws_.noise);
    curve_.layers.push_back(info.layer);
    curve_.value.push_back(layer.divergence.value);
    curve_.ceiling.push_back(layer.divergence.ceiling);
    resample(l, rows);
    add_router_fields(l, layer, analysis);
    return layer;
}

void TokenAnalysis::resample(std::size_t l, const Grid<double>& rows) {
    if (!curve_.without.empty()) {
        const std::vector<double> without = divergence_without_units(rows, units_);
        for (std::size_t u = 0; u < without.size(); ++u) curve_.without(u, l) = without[u];
    }
    for (std::size_t b = 0; b < draws_.labels.rows(); ++b) {
        progress_.check();
        const Grid<double> sums = sum_by_label(rows, draws_.labels.row(b), units_.groups);
        null_.divergence(b, l) = divergence(sums);
        null_.information(b, l) = raw_mutual_information(sums);
    }
    for (std::size_t b = 0; b < draws_.bootstrap.rows(); ++b) {
        progress_.check();
        curve_.bootstrap(b, l) =
            divergence(weighted_sums(rows, units_.labels, draws_.bootstrap.row(b), units_.groups));
    }
}

void TokenAnalysis::add_router_fields(std::size_t l, LayerAnalysis& layer, Analysis& analysis) {
    const RoutedLayerInfo& info = trace_.layers()[l];
    if (info.has_logits) {
        layer.entropy = router_entropy(trace_, l, selection_, progress_);
        analysis.probability_note = to_string(probabilities_of(trace_.header(), l));
    }
    if (info.has_margin) layer.margin = margin_quantiles(trace_, l, selection_);
}

void TokenAnalysis::add_null(Analysis& analysis) {
    if (draws_.labels.empty()) return;
    const std::vector<NullBand> divergence = null_bands(null_.divergence);
    const std::vector<NullBand> information = null_bands(null_.information);
    for (std::size_t l = 0; l < analysis.layers.size(); ++l) {
        LayerAnalysis& layer = analysis.layers[l];
        layer.divergence.null_mean = divergence[l].mean;
        layer.divergence.null_p95 = divergence[l].p95;
        layer.divergence.band = divergence[l].band;
        curve_.band.push_back(divergence[l].band);
        if (options_.weighting != Weighting::count) continue;
        layer.mutual_information.null_mean = information[l].mean;
        layer.mutual_information.null_p95 = information[l].p95;
    }
}

void TokenAnalysis::add_intervals(Analysis& analysis) const {
    for (std::size_t l = 0; l < analysis.layers.size(); ++l) {
        Divergence& d = analysis.layers[l].divergence;
        const Estimate estimate = curve_.corrected(l).interval();
        d.corrected = estimate.value;
        d.low = estimate.low;
        d.high = estimate.high;
        if (!curve_.comparable(l)) continue;
        d.relative = d.corrected / d.ceiling;
        d.relative_low = d.low / d.ceiling;
        d.relative_high = d.high / d.ceiling;
    }
}

void TokenAnalysis::explain(Analysis& analysis) const {
    auto& missing = analysis.missing;
    if (!units_.no_interval.empty()) {
        for (const char* field : {"divergence.corrected", "divergence.low", "divergence.high",
                                  "divergence.relative", "verdict.early"}) {
            missing[field] = units_.no_interval;
        }
    }
    if (!units_.no_permutation.empty()) missing["divergence.null_mean"] = units_.no_permutation;
    if (!draws_.noise.missing.empty()) missing["noise_floor"] = draws_.noise.missing;
    if (!analysis.verdict.onset)
        missing["verdict.onset"] =
            "no layer from which the late layers stay above the band and the middle layers";
    for (const RoutedLayerInfo& info : trace_.layers()) {
        const std::string at = "layers." + std::to_string(info.layer) + ".";
        if (!info.has_logits) missing[at + "token_entropy"] = "no logits recorded";
        if (!info.has_margin) missing[at + "margin"] = "no margins recorded";
    }
}

void TokenAnalysis::add_circuit(Analysis& analysis) {
    if (!options_.circuit) return;
    const auto layers = trace_.layers();
    const bool weights = std::all_of(layers.begin(), layers.end(),
                                     [](const RoutedLayerInfo& info) { return info.has_weights; });
    if (options_.circuit->flow == FlowKind::mass && !weights) {
        analysis.missing["circuit"] = "no weights recorded: only top1 flow is possible";
        return;
    }
    analysis.circuit = make_circuit(trace_, selection_, units_, *options_.circuit,
                                    {options_.permutations, options_.seed}, progress_);
}

}  // namespace

Analysis analyze_tokens(const RoutingTrace& trace, const AnalysisOptions& options,
                        Progress& progress) {
    const std::uint64_t passes = 1 + trace.layers().size() * (options.circuit ? 3 : 1);
    progress.start(trace.header().token_count * passes);
    return TokenAnalysis(trace, options, progress).run();
}

}  // namespace alluvium
