#pragma once
// Where languages lie apart over depth, for up to five checkpoints on one picture, dense ones and
// Mixtures-of-Experts together: in the residual stream, which they all have, and beside it by
// routing, where there are routers.
#include <string>
#include <vector>

#include "analysis/figures/figure.h"
#include "analysis/stream/stream_run.h"

namespace alluvium {

struct StreamFigureOptions {
    double width = 0;   // points; 0: default
    double height = 0;  // 0: default
    bool heading = true;
};

// Panels: share of variance between languages; prompts told by the nearest centroid, with its
// chance level; distance of translations, with that of different sentences; relative divergence of
// the routing. A panel that no run has anything for is left out; what runs lack is said below.
// Bands are 95 % intervals. Dots: filled after a layer with a router, hollow after one
// without. Depth is the layer's number where all checkpoints have as many, else a share of the
// layers. Data: kind "stream", one per run, layer and panel.
Figure stream_figure(const std::vector<StreamRun>& runs, const StreamFigureOptions& options,
                     const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
