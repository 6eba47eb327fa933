#include "analysis/circuit_layers.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "analysis/kept_experts.h"
#include "analysis/null_band.h"
#include "analysis/prompt_counts.h"
#include "analysis/resampled_sums.h"
#include "analysis/resampling.h"
#include "analysis/sample.h"
#include "analysis/share.h"
#include "analysis/sharing.h"

namespace alluvium {
namespace {

LayerSharing measure_sharing(const Grid<double>& rows, const Grid<double>& mass,
                             const PromptUnits& units, const Grid<std::int32_t>& permuted) {
    LayerSharing result;
    result.value = sharing(mass);
    std::vector<double> draws(permuted.rows());
    ResampledSums(rows).relabelled(
        permuted, units.groups,
        [&](std::size_t b, const Grid<double>& sums) { draws[b] = sharing(shares(sums)); });
    if (draws.empty()) return result;
    result.null_mean =
        std::accumulate(draws.begin(), draws.end(), 0.0) / static_cast<double>(draws.size());
    result.null_p05 = lower_quantile(draws, 0.05);
    return result;
}

CircuitLayer measure_layer(const RoutedLayerInfo& info, PromptCounts counts,
                           const PromptUnits& units, const CircuitOptions& options,
                           const Grid<std::int32_t>& permuted) {
    const Grid<double> rows =
        options.flow == FlowKind::mass ? std::move(counts.mass) : to_weights(counts.top1);
    CircuitLayer layer;
    layer.layer = info.layer;
    layer.tokens = tokens_by_group(counts.tokens, units);
    layer.mass = shares(sum_by_label(rows, units.labels, units.groups));
    const Grid<double> ratio = token_ratios(
        sum_by_label(to_weights(counts.selections), units.labels, units.groups), layer.tokens);
    layer.kept.resize(units.groups);
    for (std::size_t g = 0; g < units.groups; ++g) {
        if (layer.tokens[g] == 0) continue;
        layer.kept[g] = kept_experts(options.keep, layer.mass.row(g), ratio.row(g));
    }
    layer.sharing = measure_sharing(rows, layer.mass, units, permuted);
    layer.sharing.layer = info.layer;
    layer.missing = std::move(counts.missing);
    return layer;
}

}  // namespace

std::vector<CircuitLayer> circuit_layers(const RoutingTrace& trace, const TokenSelection& selection,
                                         const PromptUnits& units, const CircuitOptions& options,
                                         const CircuitNull& null, Progress& progress) {
    Grid<std::int32_t> permuted;
    if (units.no_permutation.empty()) {
        permuted = permuted_labels(units, null.permutations, null.seed);
    }
    std::vector<CircuitLayer> layers;
    for (std::size_t l = 0; l < trace.layers().size(); ++l) {
        PromptCounts counts =
            count_prompts(trace, l, selection, options.flow == FlowKind::mass, progress);
        layers.push_back(
            measure_layer(trace.layers()[l], std::move(counts), units, options, permuted));
    }
    return layers;
}

std::vector<TokenRange> missing_anywhere(const std::vector<CircuitLayer>& layers) {
    std::vector<TokenRange> all;
    for (const CircuitLayer& layer : layers) {
        all.insert(all.end(), layer.missing.begin(), layer.missing.end());
    }
    std::sort(all.begin(), all.end(), [](TokenRange a, TokenRange b) { return a.begin < b.begin; });
    std::vector<TokenRange> merged;
    for (const TokenRange range : all) {
        if (!merged.empty() && range.begin <= merged.back().end) {
            merged.back().end = std::max(merged.back().end, range.end);
        } else {
            merged.push_back(range);
        }
    }
    return merged;
}

}  // namespace alluvium
