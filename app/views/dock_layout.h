#pragma once
#include <imgui.h>

#include "app/session/view_state.h"

namespace alluvium {

// Docks every view anew, in the places that the layout gives it. Returns the title of the view that
// a person looks at in this layout.
const char* build_dock_layout(ImGuiID dockspace, ImVec2 size, Layout layout);

}  // namespace alluvium
