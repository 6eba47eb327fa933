#pragma once
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/expert_order.h"
#include "analysis/figures/figure.h"
#include "app/session/view_state.h"

namespace alluvium {

enum class FigureKind { heatmap, divergence, circuit, difference };

// A picture of one trace (or of two), by value: everything it depends on but the analysis itself.
struct FigureRequest {
    FigureKind kind = FigureKind::heatmap;
    std::string panel;  // where it will be shown; a newer request for a panel replaces the older
    double width = 0;   // points; the layout fits this size where it can
    double height = 0;
    bool dark = false;
    bool heading = true;              // title and subtitle
    bool sentence = true;             // what is said in full under the picture
    std::vector<std::string> groups;  // empty: all
    Measure measure = Measure::relative;
    ExpertSort sort = {};  // of a heat map's columns
    AnalysisOptions options;
};

// The command line's word: "heatmap", "divergence", "circuit"; "difference".
std::string to_string(FigureKind kind);

// Every field but the panel.
std::string request_key(const FigureRequest& request);

// Builds the picture; any thread. `other`: of a difference the trace that is subtracted (needed);
// of a heat map the one it is read beside, which then gives the order of the columns; else unused.
Figure build_figure(const FigureRequest& request, const Analysis& analysis, const Analysis* other,
                    const TextMeter& meter);

}  // namespace alluvium
