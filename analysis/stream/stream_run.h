#pragma once
// One checkpoint as it stands beside others over depth: its residual stream, and its routing where
// it has routers. What a trace does not hold is said, and the rest is there.
#include <string>
#include <vector>

#include "analysis/stream/analyze_stream.h"

namespace alluvium {

// Relative divergence of the routing at one layer.
struct RoutedPoint {
    LayerId layer = 0;
    Estimate relative;
    double random = kMissing;  // the mean of routers that learned nothing, where the trace has some
};

struct StreamRun {
    std::string name{};
    StreamAnalysis stream{};             // without layers where the trace does not hold it
    std::vector<RoutedPoint> routing{};  // empty: no router
    std::string missing{};               // why there is no residual stream; empty: there is one
};

// UserError names the trace's file where there is nothing at all to show of it.
StreamRun stream_run(const RoutingTrace& trace, std::string name, const AnalysisOptions& options,
                     Progress& progress);

}  // namespace alluvium
