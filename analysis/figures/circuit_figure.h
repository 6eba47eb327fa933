#pragma once
// The roads that groups take through the experts: columns are routed layers, nodes are the experts
// a group keeps, ribbons are what flows between them.
#include <cstddef>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/figure.h"
#include "analysis/figures/groups.h"

namespace alluvium {

struct CircuitFigureOptions {
    std::vector<GroupLook> looks = {};       // empty: labels as names
    std::vector<std::size_t> selected = {};  // at most kMaxSelected groups in colour; empty: all
    std::size_t most_nodes = 16;  // per layer; smaller ones that are kept alike are bundled
    int first_layer = 0, last_layer = -1;  // decoder layers shown; -1: to the top
    double width = 0;                      // points; 0: as wide as the layers ask for
    double height = 0;                     // 0: as tall as the groups ask for
    bool heading = true;
};

// Ribbon widths and node heights share one scale: points per share of a group's tokens.
//
// Data: "node" (layer, expert; -1 for a bundle) with kind and mass per group label; "ribbon"
// (layer, expert, to_expert, group; "all" for a cable that every group shares) with "flow" and,
// where it holds several groups, the flow of each; "other" (layer) with the mass outside the kept
// experts; "sharing" (layer) with value and null. Where the analysis has no circuit, the figure
// says why.
Figure circuit_figure(const Analysis& analysis, const CircuitFigureOptions& options,
                      const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
