#pragma once
// One prediction followed back: columns are the prompt's tokens that it came by, rows are layers,
// lines are the streams and the attention between them, boxes are the experts.
#include "analysis/figures/figure.h"
#include "captures/information_flow.h"

namespace alluvium {

struct FlowFigureOptions {
    double width = 0;  // points; 0: as wide as the tokens ask for
    bool heading = true;
};

// Line widths are contributions: shares of a layer's output at the token, by L1 proximity.
//
// Data: "stream" (layer), "attention" (layer; group "TOKEN <- TOKEN") with contribution and the
// heads', "expert" (layer, expert), "shared_expert" and "feed_forward" (layer) with contribution
// and the applied weight, "token" with its text, "prediction" with its probability.
Figure flow_figure(const InformationFlow& flow, const FlowFigureOptions& options,
                   const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
