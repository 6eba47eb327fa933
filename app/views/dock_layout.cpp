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
    // As ImGui names a window's tab.
    const ImGuiID first = ImHashStr("#TAB", 0, ImHashStr(*titles.begin()));
    ImGui::DockBuilderGetNode(node)->SelectedTabId = first;
}

void without_tab(ImGuiID node) {
    ImGui::DockBuilderGetNode(node)->SetLocalFlags(ImGuiDockNodeFlags_NoTabBar);
}

void verdict_above(ImGuiID& center, ImVec2 size) {
    // As high as its three lines and the filter need.
    constexpr float kHeight = 150;
    const ImGuiID verdict = cut(center, ImGuiDir_Up, kHeight / size.y);
    dock(verdict, {kVerdict});
    without_tab(verdict);
}

std::vector<const char*> explore(ImGuiID center, ImVec2 size) {
    // Below this height two pictures above each other are two that nobody can read.
    constexpr float kRoomForTwo = 1150;
    ImGuiID left = cut(center, ImGuiDir_Left, 0.22F);
    const ImGuiID prompts = cut(left, ImGuiDir_Down, 0.58F);
    ImGuiID right = cut(center, ImGuiDir_Right, 0.27F);
    const ImGuiID differences = cut(right, ImGuiDir_Down, 0.32F);
    verdict_above(center, size);
    dock(left, {kProject});
    dock(prompts, {kPrompts});
    dock(right, {kSelection});
    dock(differences, {kDifferences});
    if (size.y < kRoomForTwo) {
        dock(center, {kHeatmap, kCircuit, kDivergence, kTokens, kSearch, kCompare, kIntervene,
                      kPairs, kTrain, kEvaluate});
        return {kHeatmap};
    }
    const ImGuiID lower = cut(center, ImGuiDir_Down, 0.42F);
    dock(center, {kHeatmap, kCircuit, kCompare, kIntervene, kPairs, kTrain, kEvaluate});
    dock(lower, {kDivergence, kTokens, kSearch});
    return {kDivergence, kHeatmap};
}

// Forms, curves and tables; what they work on at the left.
std::vector<const char*> training(ImGuiID center) {
    ImGuiID left = cut(center, ImGuiDir_Left, 0.20F);
    const ImGuiID prompts = cut(left, ImGuiDir_Down, 0.55F);
    dock(left, {kProject});
    dock(prompts, {kPrompts, kSelection, kDifferences});
    dock(center, {kTrain, kEvaluate, kIntervene, kPairs, kHeatmap, kCircuit, kDivergence, kTokens,
                  kSearch, kCompare, kVerdict});
    return {kPrompts, kTrain};
}

// One large picture, everything else at the left.
std::vector<const char*> one_picture(ImGuiID center, ImVec2 size, const char* picture) {
    ImGuiID left = cut(center, ImGuiDir_Left, 0.20F);
    const ImGuiID lower_left = cut(left, ImGuiDir_Down, 0.64F);
    dock(left, {kProject});
    // Below this height a verdict above would leave the picture flat.
    constexpr float kRoomAbove = 800;
    const bool above = size.y >= kRoomAbove;
    if (above) {
        verdict_above(center, size);
        dock(lower_left, {kSelection, kPrompts, kDifferences});
    } else {
        dock(lower_left, {kVerdict, kSelection, kPrompts, kDifferences});
    }
    dock(center, {kHeatmap, kCircuit, kDivergence, kTokens, kSearch, kCompare, kIntervene, kPairs,
                  kTrain, kEvaluate});
    return {above ? kSelection : kVerdict, picture};
}

}  // namespace

std::vector<const char*> build_dock_layout(ImGuiID dockspace, ImVec2 size, float scale,
                                           Layout layout) {
    ImGui::DockBuilderRemoveNode(dockspace);
    ImGui::DockBuilderAddNode(dockspace, ImGuiDockNodeFlags_DockSpace);
    ImGui::DockBuilderSetNodeSize(dockspace, size);
    const ImVec2 logical(size.x / scale, size.y / scale);
    std::vector<const char*> front;
    switch (layout) {
        case Layout::explore:
            front = explore(dockspace, logical);
            break;
        case Layout::compare:
            front = one_picture(dockspace, logical, kCompare);
            break;
        case Layout::circuit:
            front = one_picture(dockspace, logical, kCircuit);
            break;
        case Layout::train:
            front = training(dockspace);
            break;
    }
    ImGui::DockBuilderFinish(dockspace);
    return front;
}

}  // namespace alluvium
