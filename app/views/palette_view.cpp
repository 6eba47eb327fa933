#include <algorithm>
#include <cctype>

#include <imgui_internal.h>
#include <misc/cpp/imgui_stdlib.h>

#include "app/views/actions.h"
#include "app/views/overlays.h"

namespace alluvium {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// Every word of `typed` occurs in the name.
bool matches(const std::string& name, const std::string& typed) {
    const std::string hay = lower(name);
    std::string rest = lower(typed);
    while (!rest.empty()) {
        const std::size_t space = rest.find(' ');
        const std::string word = rest.substr(0, space);
        if (hay.find(word) == std::string::npos) return false;
        rest = space == std::string::npos ? "" : rest.substr(space + 1);
    }
    return true;
}

}  // namespace

void draw_palette(Ui& ui) {
    constexpr const char* kName = "Find an action##palette";
    if (ui.state.palette_open && !ImGui::IsPopupOpen(kName)) ImGui::OpenPopup(kName);
    const ImGuiViewport& screen = *ImGui::GetMainViewport();
    ImGui::SetNextWindowPos({screen.Size.x / 2, screen.Size.y * 0.18F}, ImGuiCond_Always,
                            {0.5F, 0});
    ImGui::SetNextWindowSize({ui.px(480), 0});
    if (!ImGui::BeginPopup(kName)) {
        ui.state.palette_open = false;
        return;
    }
    std::string& typed = ui.state.palette_text;
    if (ImGui::IsWindowAppearing()) {
        typed.clear();
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(-1);
    const bool entered = ImGui::InputTextWithHint("##typed", "type a few letters", &typed,
                                                  ImGuiInputTextFlags_EnterReturnsTrue);
    const Action* chosen = nullptr;
    bool first = true;
    for (const Action& action : actions()) {
        if (!matches(std::string(action.menu) + " " + action.name, typed)) continue;
        if (!is_enabled(ui, action)) continue;
        const char* keys = action.keys == ImGuiKey_None ? "" : ImGui::GetKeyChordName(action.keys);
        const bool pressed = ImGui::MenuItem(action.name, keys);
        if (pressed || (entered && first)) chosen = &action;
        first = false;
    }
    if (chosen != nullptr) {
        ImGui::CloseCurrentPopup();
        ui.state.palette_open = false;
    }
    ImGui::EndPopup();
    if (chosen != nullptr) chosen->run(ui);
}

}  // namespace alluvium
