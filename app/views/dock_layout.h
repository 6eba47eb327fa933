#pragma once
#include <vector>

#include <imgui.h>

#include "app/session/view_state.h"

namespace alluvium {

// Docks every view anew, in the places that the layout gives it; on a small screen (`size` pixels
// at `scale` pixels per logical one) fewer lie beside each other. Returns the titles of the views
// that lie in front, the one that a person looks at last.
std::vector<const char*> build_dock_layout(ImGuiID dockspace, ImVec2 size, float scale,
                                           Layout layout);

}  // namespace alluvium
