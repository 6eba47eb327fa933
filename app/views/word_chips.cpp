#include "app/views/word_chips.h"

#include <imgui.h>

namespace alluvium {

int word_chips(Ui& ui, const std::string& text, const std::vector<TextSpan>& words, int chosen,
               const std::string& language) {
    int clicked = -1;
    const TextStyle style{.size = ImGui::GetFontSize() / kLineOfEm, .language = language};
    const ImVec2 start = ImGui::GetCursorPos();
    const float room = ImGui::GetContentRegionAvail().x, height = ImGui::GetFrameHeight();
    float x = 0, y = 0;
    for (std::size_t w = 0; w < words.size(); ++w) {
        const std::string word = text.substr(words[w].word, words[w].end - words[w].word);
        const float width = ui.gui.text().measure(word, style).x + ui.px(10);
        if (x > 0 && x + width > room) x = 0, y += height + ui.px(3);
        ImGui::SetCursorPos({start.x + x, start.y + y});
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const std::string id = "##word" + std::to_string(w);
        if (ImGui::InvisibleButton(id.c_str(), {width, height})) clicked = static_cast<int>(w);
        Color fill = static_cast<int>(w) == chosen ? ui.theme.accent : ui.theme.muted;
        fill.a = static_cast<int>(w) == chosen ? 120 : ImGui::IsItemHovered() ? 70 : 30;
        ImDrawList& list = *ImGui::GetWindowDrawList();
        list.AddRectFilled(corner, {corner.x + width, corner.y + height}, to_im(fill), ui.px(3));
        const float baseline = corner.y + (height + ImGui::GetFontBaked()->Ascent * 0.72F) / 2;
        ui.gui.text().draw(list, {corner.x + ui.px(5), baseline}, word, style, ui.theme.text);
        x += width + ui.px(3);
    }
    ImGui::SetCursorPos({start.x, start.y + y + height});
    ImGui::Dummy({0, ui.px(2)});
    return clicked;
}

}  // namespace alluvium
