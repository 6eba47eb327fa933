#include <array>

#include <imgui_internal.h>

#include "app/views/actions.h"
#include "app/views/any_text.h"
#include "app/views/overlays.h"

namespace alluvium {
namespace {

struct Gesture {
    const char* what;
    const char* does;
};
constexpr std::array<Gesture, 6> kGestures{
    {{"hover", "read the numbers"},
     {"click", "select, in every view"},
     {"right click", "save the picture, search or change the expert"},
     {"wheel", "zoom at the pointer"},
     {"drag", "move the picture"},
     {"double click beside it", "fit the picture"}}};

void row(const char* left, const char* right) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(left);
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(right);
}

void center_next(Ui& ui, float width) {
    const ImVec2 size = ImGui::GetMainViewport()->Size;
    ImGui::SetNextWindowPos({size.x / 2, size.y / 2}, ImGuiCond_Appearing, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({ui.px(width), 0}, ImGuiCond_Appearing);
}

constexpr auto kWindow = ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoCollapse;

}  // namespace

void draw_keys(Ui& ui) {
    if (!ui.state.keys_open) return;
    center_next(ui, 460);
    if (ImGui::Begin("Keys", &ui.state.keys_open, kWindow)) {
        if (ImGui::IsWindowFocused() && ImGui::IsKeyPressed(ImGuiKey_Escape)) {
            ui.state.keys_open = false;
        }
        if (ImGui::BeginTable("##keys", 2, ImGuiTableFlags_RowBg)) {
            for (const Gesture& gesture : kGestures) row(gesture.what, gesture.does);
            for (const Action& action : actions()) {
                if (action.keys != ImGuiKey_None) {
                    row(ImGui::GetKeyChordName(action.keys), action.name);
                }
            }
            ImGui::EndTable();
        }
    }
    ImGui::End();
}

void draw_about(Ui& ui) {
    if (!ui.state.about_open) return;
    center_next(ui, 480);
    if (ImGui::Begin("About alluvium", &ui.state.about_open, kWindow)) {
        headline(ui, "alluvium " ALLUVIUM_VERSION);
        ImGui::TextWrapped("%s",
                           "Shows whether, where and how languages part ways inside a "
                           "Mixture-of-Experts model.");
        ImGui::TextWrapped("%s",
                           "Nothing leaves this machine: the program never uses the network.");
        footnote(ui,
                 "Dear ImGui, ImPlot, GLFW, HDF5, Cairo, Pango and the Noto fonts draw and "
                 "store what you see.");
    }
    ImGui::End();
}

}  // namespace alluvium
