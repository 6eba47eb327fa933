#include "app/views/any_text.h"

#include <algorithm>

#include <imgui_internal.h>

#include "captures/languages.h"

namespace alluvium {
namespace {

TextStyle current_style(std::string_view language) {
    return {.size = ImGui::GetFontSize() / kLineOfEm,
            .bold = false,
            .tabular = false,
            .language = std::string(language)};
}

}  // namespace

void any_text(Ui& ui, std::string_view text, std::string_view language,
              std::optional<Color> color) {
    const TextStyle style = current_style(language);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ui.gui.text().measure(text, style).x;
    // On one baseline with the framed item that this may stand beside.
    const float baseline =
        at.y + ImGui::GetCurrentWindow()->DC.CurrLineTextBaseOffset + ImGui::GetFontBaked()->Ascent;
    ui.gui.text().draw(*ImGui::GetWindowDrawList(), {at.x, baseline}, text, style,
                       color.value_or(ui.theme.text));
    ImGui::Dummy({width, ImGui::GetTextLineHeight()});
}

float any_text_width(Ui& ui, std::string_view text, std::string_view language) {
    return ui.gui.text().measure(text, current_style(language)).x;
}

void any_paragraph(Ui& ui, std::string_view text, std::string_view language,
                   std::optional<Color> color) {
    const TextBlock block{std::string(text), current_style(language),
                          std::max(ImGui::GetContentRegionAvail().x, 1.0F)};
    ui.gui.text().draw_block(*ImGui::GetWindowDrawList(), ImGui::GetCursorScreenPos(), block,
                             color.value_or(ui.theme.text));
    ImGui::Dummy(ui.gui.text().measure_block(block));
}

std::string group_name(const std::string& label) {
    if (label.empty()) return "mean of all";
    const Language* language = nullptr;
    try {
        language = LanguageTable::instance().find(label);
    } catch (const std::exception&) {
        // A program that lost its assets still shows its traces, by their labels.
    }
    return language == nullptr ? label : language->name + " (" + label + ")";
}

void headline(Ui& ui, std::string_view text) {
    ImGui::PushFont(ui.gui.text().font(true), kTextSize * kLargeText);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.data(), text.data() + text.size());
    ImGui::PopTextWrapPos();
    ImGui::PopFont();
}

void footnote(Ui& ui, std::string_view text) {
    ImGui::PushFont(ui.gui.text().font(false), kTextSize * kSmallText);
    ImGui::PushStyleColor(ImGuiCol_Text, to_im(ui.theme.muted));
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.data(), text.data() + text.size());
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    ImGui::PopFont();
}

bool empty_state(Ui& ui, const char* what, const char* button) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float wrap = std::min(room.x, ui.px(420));
    const ImVec2 size = ImGui::CalcTextSize(what, nullptr, false, wrap);
    const float left = ImGui::GetCursorPosX();
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + std::max(0.0F, room.y / 2 - size.y - ui.px(24)));
    ImGui::SetCursorPosX(left + std::max(0.0F, (room.x - size.x) / 2));
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + size.x + 1);
    ImGui::TextUnformatted(what);
    ImGui::PopTextWrapPos();
    if (button == nullptr) return false;
    const float width = ImGui::CalcTextSize(button).x + 2 * ImGui::GetStyle().FramePadding.x;
    ImGui::SetCursorPosX(left + std::max(0.0F, (room.x - width) / 2));
    ImGui::Dummy({0, ui.px(4)});
    ImGui::SetCursorPosX(left + std::max(0.0F, (room.x - width) / 2));
    return ImGui::Button(button);
}

}  // namespace alluvium
