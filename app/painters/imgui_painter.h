#pragma once
// A figure on the screen: the same shapes that the Cairo painter puts on paper, at any zoom.
#include <limits>

#include <imgui.h>

#include "analysis/figures/figure.h"
#include "app/painters/screen_text.h"

namespace alluvium {

// Where a figure lies: pixel = origin + scale * point.
struct Placement {
    ImVec2 origin;
    float scale = 1;  // pixels per point

    ImVec2 to_screen(Point p) const {
        return {origin.x + scale * static_cast<float>(p.x),
                origin.y + scale * static_cast<float>(p.y)};
    }
    Point to_figure(ImVec2 pixel) const {
        return {(pixel.x - origin.x) / scale, (pixel.y - origin.y) / scale};
    }
};

// Draws the marks that touch the list's current clip rectangle. What stands for a layer above
// `until_layer` is left out; of ribbons that leave the one below it, as much as has come about.
void paint_figure(const Figure& figure, const Placement& placement, ImDrawList& list,
                  ScreenText& text, double until_layer = std::numeric_limits<double>::infinity());

// Outlines every mark of one datum.
void outline_datum(const Figure& figure, int datum, const Placement& placement, ImDrawList& list,
                   Color color, float thickness);

}  // namespace alluvium
