#include "analysis/layer_metrics.h"

#include <numeric>

#include "analysis/divergence.h"
#include "analysis/exclusive_experts.h"
#include "analysis/load.h"
#include "analysis/mutual_information.h"
#include "analysis/pairwise_divergence.h"
#include "analysis/share.h"

namespace alluvium {
namespace {

Grid<std::uint64_t> to_counts(const Grid<double>& selections) {
    const auto values = selections.values();
    return {selections.rows(), selections.cols(),
            std::vector<std::uint64_t>(values.begin(), values.end())};
}

std::vector<double> pooled(const Grid<double>& selections) {
    std::vector<double> total(selections.cols(), 0.0);
    for (std::size_t g = 0; g < selections.rows(); ++g) {
        for (std::size_t e = 0; e < total.size(); ++e) total[e] += selections(g, e);
    }
    return total;
}

}  // namespace

LayerAnalysis layer_metrics(const RoutedLayerInfo& info, const LayerTotals& totals,
                            const AnalysisOptions& options) {
    LayerAnalysis layer;
    layer.layer = info.layer;
    layer.experts = info.experts;
    layer.top_k = info.top_k;
    layer.shared_experts = info.shared_experts;
    layer.tokens = totals.tokens;
    layer.selections = to_counts(totals.selections);
    layer.share = shares(totals.weighted);
    layer.token_ratio = token_ratios(totals.selections, totals.tokens);
    layer.mean_share = mean_share(layer.share);
    layer.divergence.value = divergence(totals.weighted);
    layer.divergence.ceiling =
        divergence_ceiling(info.experts, info.top_k, groups_with_selections(totals.weighted));
    if (totals.selections.rows() <= options.pairwise_limit) {
        layer.pairwise = pairwise_divergence(layer.share);
    }
    const auto tokens = static_cast<double>(
        std::accumulate(totals.tokens.begin(), totals.tokens.end(), std::uint64_t{0}));
    layer.mutual_information = mutual_information(totals.selections, info.top_k, tokens);
    layer.load = load_of(pooled(totals.selections));
    layer.exclusivity =
        exclusive_experts(layer.token_ratio, options.exclusive_share, options.exclusive_top);
    return layer;
}

}  // namespace alluvium
