#pragma once
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/figure.h"
#include "app/session/view_state.h"

namespace alluvium {

enum class FigureKind { heatmap, divergence, circuit };

// A picture of one trace, by value: everything it depends on but the analysis itself.
struct FigureRequest {
    FigureKind kind = FigureKind::heatmap;
    std::string panel;  // where it will be shown; a newer request for a panel replaces the older
    double width = 0;   // points; the layout fits this size where it can
    double height = 0;
    bool dark = false;
    std::vector<std::string> groups;  // empty: all
    Measure measure = Measure::relative;
    AnalysisOptions options;
};

// The word of cli.md: "heatmap", "divergence", "circuit".
std::string to_string(FigureKind kind);

// Every field but the panel.
std::string request_key(const FigureRequest& request);

// Builds the picture; any thread.
Figure build_figure(const FigureRequest& request, const Analysis& analysis, const TextMeter& meter);

}  // namespace alluvium
