#pragma once
// One prediction followed back: columns are the prompt's tokens that it came by, rows are layers,
// lines are the streams and the attention between them, boxes are the experts.
#include <set>
#include <string>
#include <utility>

#include "analysis/figures/figure.h"
#include "captures/information_flow.h"

namespace alluvium {

struct FlowFigureOptions {
    double width = 0;  // points; 0: as wide as the tokens ask for
    bool heading = true;
    // One of two that are compared (flow_pair_figure.h): experts of `common` (layer, number) are
    // grey, the others have `own_color` and bold numbers; `side` leads the groups of the data.
    bool compared = false;
    std::set<std::pair<LayerId, int>> common = {};
    Color own_color = {};
    std::string side = {};
};

// Points from layer to layer, and where the stream after `layer` (-1: the embedding) lies on a page
// without heading.
inline constexpr double kFlowRow = 30;
double flow_row(LayerId layers, LayerId layer);

// Line widths are contributions: shares of a layer's output at the token, by L1 proximity.
//
// Data: "stream" (layer), "attention" (layer; group "TOKEN <- TOKEN") with contribution and the
// heads', "expert" (layer, expert), "shared_expert" and "feed_forward" (layer) with contribution
// and the applied weight, "token" with its text, "prediction" with its probability.
Figure flow_figure(const InformationFlow& flow, const FlowFigureOptions& options,
                   const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
