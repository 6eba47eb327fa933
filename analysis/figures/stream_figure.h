#pragma once
// Where languages lie apart over depth, for up to five checkpoints on one picture, dense ones and
// Mixtures-of-Experts together: in the residual stream, which they all have, and beside it by
// routing, where there are routers.
#include <string>
#include <vector>

#include "analysis/figures/figure.h"
#include "analysis/stream/analyze_stream.h"

namespace alluvium {

// Relative divergence of the routing at one layer.
struct RoutedPoint {
    LayerId layer = 0;
    Estimate relative;
    double random = kMissing;  // the mean of routers that learned nothing, where the trace has some
};

struct StreamRun {
    std::string name;
    StreamAnalysis stream;
    std::vector<RoutedPoint> routing;  // empty: no router
};

struct StreamFigureOptions {
    double width = 0;   // points; 0: default
    double height = 0;  // 0: default
    bool heading = true;
};

// Panels: share of variance between languages; prompts told by the nearest centroid, with its
// chance level; distance of translations, with that of different sentences; relative divergence of
// the routing. Bands are 95 % intervals. Dots: filled after a layer with a router, hollow after one
// without. Depth is the layer's number where all checkpoints have as many, else a share of the
// layers. Data: kind "stream", one per run, layer and panel.
Figure stream_figure(const std::vector<StreamRun>& runs, const StreamFigureOptions& options,
                     const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
