#pragma once
#include <limits>
#include <string>

#include <imgui.h>

#include "app/painters/imgui_painter.h"
#include "app/views/ui.h"

namespace alluvium {

struct CanvasEvent {
    const Datum* hovered = nullptr;
    bool clicked = false;  // on `hovered`, or beside everything where that is null
    bool double_clicked = false;
};

struct Canvas {
    std::string camera;  // part of the view state: canvases with the same one move together
    std::string panel;   // unique on the screen
    std::string trace;   // whose pinned experts are outlined; empty: none
    double until_layer = std::numeric_limits<double>::infinity();  // see paint_figure()
};

// A figure in the rest of the current window (or `size`): wheel zooms at the pointer, drag pans,
// Shift-drag draws a box, double click beside everything fits the picture again.
CanvasEvent figure_canvas(Ui& ui, const Canvas& canvas, const Figure& figure, ImVec2 size);

// Where a figure lies in a panel: zoom 1 fits it whole.
Placement place_figure(const Figure& figure, const Camera& camera, ImVec2 corner, ImVec2 size);
// The camera after zooming so that the figure's point under `pixel` stays there.
Camera zoomed(const Camera& camera, double factor, const Figure& figure, ImVec2 pixel,
              ImVec2 corner, ImVec2 size);
// The camera after dragging by `delta` pixels.
Camera panned(const Camera& camera, const Figure& figure, ImVec2 delta, ImVec2 corner, ImVec2 size);

}  // namespace alluvium
