#include <imgui.h>

#include "app/views/any_text.h"
#include "app/views/overlays.h"

namespace alluvium {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

void draw_message(Ui& ui, const Message& message, std::size_t index, std::size_t& dismissed) {
    ImGui::PushID(static_cast<int>(index));
    ImGui::PushFont(ui.gui.text().font(true), kTextSize);
    ImGui::TextWrapped("%s", message.title.c_str());
    ImGui::PopFont();
    any_paragraph(ui, message.what);
    if (!message.hint.empty()) footnote(ui, message.hint);
    if (ImGui::Button("Copy")) ImGui::SetClipboardText(message.text().c_str());
    ImGui::SameLine();
    if (ImGui::Button("Dismiss")) dismissed = index;
    ImGui::PopID();
}

}  // namespace

void draw_messages(Ui& ui) {
    const std::vector<Message>& messages = ui.session.messages();
    if (messages.empty()) return;
    const ImGuiViewport& screen = *ImGui::GetMainViewport();
    const float margin = ui.px(12);
    ImGui::SetNextWindowPos({screen.WorkPos.x + screen.WorkSize.x - margin,
                             screen.WorkPos.y + screen.WorkSize.y - margin - ui.px(28)},
                            ImGuiCond_Appearing, {1, 1});
    ImGui::SetNextWindowSizeConstraints({ui.px(420), 0}, {ui.px(420), screen.WorkSize.y * 0.6F});
    const std::string title =
        (messages.size() == 1 ? "Message" : std::to_string(messages.size()) + " messages") +
        "###messages";
    constexpr auto kFlags = ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoDocking |
                            ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoCollapse;
    std::size_t dismissed = kNone;
    if (ImGui::Begin(title.c_str(), nullptr, kFlags)) {
        for (std::size_t i = 0; i < messages.size(); ++i) {
            if (i > 0) ImGui::Separator();
            draw_message(ui, messages[i], i, dismissed);
        }
    }
    ImGui::End();
    if (dismissed != kNone) ui.session.dismiss_message(dismissed);
}

}  // namespace alluvium
