#pragma once
// How close the router's choices were.
//
// Quantiles of the margin, the k-th minus the (k+1)-th selection score, over the selected tokens.
// Range: 0 and up; no chance level. A choice whose margin is below the arithmetic's error may
// change with the dtype or the batch.
#include "analysis/layer_analysis.h"
#include "analysis/token_selection.h"
#include "captures/routing_trace.h"

namespace alluvium {

// Exact, interpolated linearly between order statistics. The layer is read twice, so that memory
// does not grow with tokens. Missing (NaN) margins are left out; all NaN where there is none.
MarginQuantiles margin_quantiles(const RoutingTrace& trace, std::size_t routed,
                                 const TokenSelection& selection);

}  // namespace alluvium
