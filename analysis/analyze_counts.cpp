#include <algorithm>
#include <cmath>

#include "analysis/controls.h"
#include "analysis/depth_curve.h"
#include "analysis/grouping.h"
#include "analysis/layer_metrics.h"
#include "analysis/share.h"
#include "analysis/slices/row_filter.h"
#include "analysis/token_analysis.h"
#include "base/error.h"

namespace alluvium {
namespace {

Grid<double> to_double(const Grid<std::uint64_t>& counts) {
    const auto values = counts.values();
    return {counts.rows(), counts.cols(), std::vector<double>(values.begin(), values.end())};
}

std::vector<std::uint64_t> tokens_of(const CountGroups& groups, const Grouping& grouping) {
    std::vector<std::uint64_t> tokens(grouping.labels.size(), 0);
    for (std::size_t i = 0; i < groups.tokens.size(); ++i) {
        if (grouping.of_row[i] == kUnlabelled) continue;
        tokens[static_cast<std::size_t>(grouping.of_row[i])] += groups.tokens[i];
    }
    return tokens;
}

// Groups outside the slice lose their label, labels without a group disappear.
Grouping sliced(Grouping grouping, const TraceHeader& header, const std::string& where) {
    if (where.empty()) return grouping;
    const SliceMask kept = matching_prompts(header, parse_slice(where));
    std::vector<std::int32_t> number(grouping.labels.size(), kUnlabelled);
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i] == 0 || grouping.of_row[i] < 0) continue;
        number[static_cast<std::size_t>(grouping.of_row[i])] = 0;
    }
    for (std::size_t g = 0; g < number.size(); ++g) {
        if (number[g] == kUnlabelled) continue;
        number[g] = static_cast<std::int32_t>(labels.size());
        labels.push_back(grouping.labels[g]);
    }
    if (labels.empty())
        throw UserError("no group of the trace is left where " + where,
                        "ask for less with --where");
    for (std::size_t i = 0; i < kept.size(); ++i) {
        std::int32_t& label = grouping.of_row[i];
        label = kept[i] == 0 || label < 0 ? kUnlabelled : number[static_cast<std::size_t>(label)];
    }
    grouping.labels = std::move(labels);
    return grouping;
}

LayerTotals totals_of(const LayerCounts& counts, const Grouping& grouping, Weighting weighting) {
    LayerTotals totals;
    totals.selections =
        sum_by_label(to_double(counts.count), grouping.of_row, grouping.labels.size());
    totals.weighted =
        weighting == Weighting::count
            ? totals.selections
            : sum_by_label(counts.weight_sum, grouping.of_row, grouping.labels.size());
    return totals;
}

void explain(Analysis& analysis) {
    const std::string unknown = "prompts unknown: the trace holds counts per group, not tokens";
    for (const char* field : {"divergence.corrected",
                              "divergence.low",
                              "divergence.high",
                              "divergence.null_mean",
                              "divergence.null_p95",
                              "divergence.band",
                              "divergence.top1",
                              "noise_floor",
                              "usage_entropy",
                              "token_entropy",
                              "token_information",
                              "margin",
                              "mutual_information_null",
                              "verdict.onset",
                              "fertility",
                              "tokens_per_character",
                              "byte_fragments",
                              "sample.prompt_set",
                              "sample.prompt_set_name",
                              "sample.prompts",
                              "sample.units",
                              "sample.unit",
                              "sample.parallel"}) {
        analysis.missing[field] = unknown;
    }
    note_no_controls(unknown, analysis);
    if (analysis.options.circuit) {
        analysis.missing["circuit"] = "needs tokens: the trace holds counts per group only";
    }
}

void add_layer(LayerAnalysis layer, DepthCurve& curve, Analysis& analysis) {
    layer.divergence.relative =
        layer.divergence.ceiling > 0 ? layer.divergence.value / layer.divergence.ceiling : kMissing;
    curve.layers.push_back(layer.layer);
    curve.value.push_back(layer.divergence.value);
    curve.ceiling.push_back(layer.divergence.ceiling);
    analysis.layers.push_back(std::move(layer));
}

}  // namespace

Analysis analyze_counts(const RoutingTrace& trace, const AnalysisOptions& options) {
    const TraceHeader& header = trace.header();
    const Grouping grouping = sliced(group_rows(header, options.by), header, options.where);
    const std::vector<std::uint64_t> tokens = tokens_of(header.groups, grouping);
    Analysis analysis;
    analysis.options = options;
    for (std::size_t g = 0; g < grouping.labels.size(); ++g) {
        analysis.groups.push_back({grouping.labels[g], 0, tokens[g]});
        analysis.census.selected += tokens[g];
    }
    DepthCurve curve;
    curve.descriptive = true;
    for (std::size_t l = 0; l < trace.layers().size(); ++l) {
        const LayerCounts counts = trace.counts(l);
        if (options.weighting == Weighting::mass && counts.weight_sum.empty()) {
            throw UserError("--weighting mass: the trace has no weight sums", "use count");
        }
        LayerTotals totals = totals_of(counts, grouping, options.weighting);
        totals.tokens = tokens;
        add_layer(layer_metrics(trace.layers()[l], totals, options), curve, analysis);
    }
    if (grouping.labels.size() >= 2) analysis.verdict = judge(curve);
    analysis.verdict.basis = Basis::descriptive;
    explain(analysis);
    return analysis;
}

}  // namespace alluvium
