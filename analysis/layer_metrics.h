#pragma once
// The metrics of one layer that follow from what each group chose in total.
#include <cstdint>
#include <vector>

#include "analysis/layer_analysis.h"
#include "analysis/options.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct LayerTotals {
    Grid<double> selections;            // [G, E] tokens that chose the expert
    Grid<double> weighted;              // [G, E] what shares are made of: selections or mass
    std::vector<std::uint64_t> tokens;  // [G]
};

// Shares, token ratios, observed divergence and its ceiling, pairwise divergence, mutual
// information, load, exclusive and shared experts. Everything else is left missing.
LayerAnalysis layer_metrics(const RoutedLayerInfo& info, const LayerTotals& totals,
                            const AnalysisOptions& options);

}  // namespace alluvium
