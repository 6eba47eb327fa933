#pragma once
// What `render` draws, figure by figure.
#include <string>
#include <vector>

#include "app/commands/analysis_options.h"
#include "app/commands/figure_flags.h"

namespace alluvium {

struct RenderOptions {
    std::string figure;  // "heatmap", ...
    std::vector<std::string> traces;
    std::string style = "ratio";
    std::string order = "owner";
    std::vector<std::string> groups;  // panels or coloured groups
    int layer = -1;                   // of similarity and tokens; -1: their default
    std::string align = "tokens";
    AnalysisFlags flags;
    FigureFlags page;
};

// The names of all figures.
const std::vector<std::string>& figure_names();

// UserError where the figure takes another number of inputs.
void check_inputs(const RenderOptions& options);

// Reads, analyses and draws, with its progress on stderr. UserError names what the inputs lack.
Figure draw_figure(const RenderOptions& options);

}  // namespace alluvium
