#pragma once
// A figure on the screen: the same shapes that the Cairo painter puts on paper, at any zoom.
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

// Draws the marks that touch the list's current clip rectangle.
void paint_figure(const Figure& figure, const Placement& placement, ImDrawList& list,
                  ScreenText& text);

// Outlines every mark of one datum.
void outline_datum(const Figure& figure, int datum, const Placement& placement, ImDrawList& list,
                   Color color, float thickness);

}  // namespace alluvium
