#pragma once
#include <imgui.h>

#include "app/views/ui.h"

namespace alluvium {

// What a person fills in at the left, and what comes of it beside it.
template <typename Form, typename Result>
void form_and_result(Ui& ui, const Form& draw_form, const Result& draw_result,
                     ImGuiWindowFlags result_flags = ImGuiWindowFlags_None) {
    constexpr float kFormWidth = 340;
    ImGui::BeginChild("##form", {ui.px(kFormWidth), 0});
    draw_form();
    ImGui::EndChild();
    ImGui::SameLine();
    ImGui::BeginChild("##result", {0, 0}, ImGuiChildFlags_None, result_flags);
    draw_result();
    ImGui::EndChild();
}

}  // namespace alluvium
