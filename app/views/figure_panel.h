#pragma once
#include <limits>
#include <string>

#include "app/session/figure_request.h"
#include "app/views/ui.h"

namespace alluvium {

// The picture of one trace in the rest of the current window, up to `height` pixels (0: all): asks
// the session for it, says what is going on while it is made, shows tooltips, selects on click.
struct FigurePanel {
    FigureKind kind = FigureKind::heatmap;
    std::string name;        // of the panel, unique on the screen
    std::string camera;      // panels with the same one move together
    std::string trace;       // id
    std::string other = {};  // id of a second trace: see build_figure()
    double until_layer = std::numeric_limits<double>::infinity();  // see paint_figure()
};
void figure_panel(Ui& ui, const FigurePanel& panel, float width, float height);

}  // namespace alluvium
