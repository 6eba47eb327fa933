#pragma once
#include "app/painters/imgui_painter.h"
#include "app/views/ui.h"

namespace alluvium {

// Shift and a drag draw a box over a picture; its numbers stand in a corner until Esc or a click
// elsewhere.

// Starts or moves the box of this panel while Shift-dragging; true while it does.
bool drag_box(Ui& ui, const std::string& panel, const Placement& place);

// The box and what lies in it, where it belongs to this panel.
void draw_box(Ui& ui, const std::string& panel, const Figure& figure, const Placement& place,
              ImVec2 corner, ImVec2 size);

}  // namespace alluvium
