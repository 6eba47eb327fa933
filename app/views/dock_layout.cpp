#include "app/views/dock_layout.h"

#include <initializer_list>

#include <imgui_internal.h>

#include "app/views/view.h"

namespace alluvium {
namespace {

// Cuts `share` off `from` at its side `where` and returns the piece.
ImGuiID cut(ImGuiID& from, ImGuiDir where, float share) {
    return ImGui::DockBuilderSplitNode(from, where, share, nullptr, &from);
}

// As tabs; the first is in front.
void dock(ImGuiID node, std::initializer_list<const char*> titles) {
    for (const char* title : titles) ImGui::DockBuilderDockWindow(title, node);
}

void without_tab(ImGuiID node) {
    ImGui::DockBuilderGetNode(node)->SetLocalFlags(ImGuiDockNodeFlags_NoTabBar);
}

void explore(ImGuiID center) {
    ImGuiID left = cut(center, ImGuiDir_Left, 0.22F);
    const ImGuiID prompts = cut(left, ImGuiDir_Down, 0.58F);
    ImGuiID right = cut(center, ImGuiDir_Right, 0.27F);
    const ImGuiID differences = cut(right, ImGuiDir_Down, 0.32F);
    const ImGuiID verdict = cut(center, ImGuiDir_Up, 0.17F);
    const ImGuiID lower = cut(center, ImGuiDir_Down, 0.42F);
    dock(left, {kProject});
    dock(prompts, {kPrompts});
    dock(verdict, {kVerdict});
    without_tab(verdict);
    dock(center, {kHeatmap, kCircuit, kCompare});
    dock(lower, {kDivergence, kTokens});
    dock(right, {kSelection});
    dock(differences, {kDifferences});
}

void compare(ImGuiID center) {
    ImGuiID left = cut(center, ImGuiDir_Left, 0.20F);
    const ImGuiID lower_left = cut(left, ImGuiDir_Down, 0.60F);
    const ImGuiID verdict = cut(center, ImGuiDir_Up, 0.17F);
    dock(left, {kProject});
    dock(lower_left, {kSelection, kPrompts, kDifferences});
    dock(verdict, {kVerdict});
    without_tab(verdict);
    dock(center, {kCompare, kHeatmap, kCircuit, kDivergence, kTokens});
}

void circuit(ImGuiID center) {
    ImGuiID left = cut(center, ImGuiDir_Left, 0.20F);
    const ImGuiID lower_left = cut(left, ImGuiDir_Down, 0.60F);
    const ImGuiID verdict = cut(center, ImGuiDir_Up, 0.14F);
    dock(left, {kProject});
    dock(lower_left, {kSelection, kPrompts, kDifferences});
    dock(verdict, {kVerdict});
    without_tab(verdict);
    dock(center, {kCircuit, kHeatmap, kDivergence, kCompare, kTokens});
}

}  // namespace

const char* build_dock_layout(ImGuiID dockspace, ImVec2 size, Layout layout) {
    ImGui::DockBuilderRemoveNode(dockspace);
    ImGui::DockBuilderAddNode(dockspace, ImGuiDockNodeFlags_DockSpace);
    ImGui::DockBuilderSetNodeSize(dockspace, size);
    const char* front = kHeatmap;
    switch (layout) {
        case Layout::explore:
            explore(dockspace);
            break;
        case Layout::compare:
            compare(dockspace);
            front = kCompare;
            break;
        case Layout::circuit:
            circuit(dockspace);
            front = kCircuit;
            break;
    }
    ImGui::DockBuilderFinish(dockspace);
    return front;
}

}  // namespace alluvium
