#include "app/views/group_chooser.h"

#include <algorithm>

#include <imgui.h>

#include "app/views/any_text.h"

namespace alluvium {
namespace {

constexpr float kListWidth = 260;

std::vector<std::string> labels_of(const Analysis& analysis) {
    std::vector<std::string> labels;
    for (const GroupSample& group : analysis.groups) labels.push_back(group.label);
    return labels;
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

// Keeps the analysis's order; all of them is the same as no choice.
void toggle(Session& session, const std::vector<std::string>& all, const std::string& label) {
    session.change_view("choose " + label, [&](ViewState& view) {
        std::vector<std::string> chosen = view.groups.empty() ? all : view.groups;
        if (contains(chosen, label)) {
            std::erase(chosen, label);
        } else {
            chosen.push_back(label);
        }
        view.groups.clear();
        for (const std::string& candidate : all) {
            if (contains(chosen, candidate)) view.groups.push_back(candidate);
        }
        if (view.groups.size() == all.size()) view.groups.clear();
    });
}

void chooser_list(Ui& ui, const std::vector<std::string>& all) {
    const std::vector<std::string> chosen = ui.session.view().groups;
    if (ImGui::Button("All")) {
        ui.session.change_view("choose all", [](ViewState& view) { view.groups.clear(); });
    }
    ImGui::Separator();
    if (ImGui::BeginChild("##groups", {ui.px(kListWidth), ui.px(320)})) {
        for (const std::string& label : all) {
            bool shown = chosen.empty() || contains(chosen, label);
            // The last one stays: a picture of nothing helps nobody.
            const bool last = shown && chosen.size() == 1;
            ImGui::BeginDisabled(last);
            if (ImGui::Checkbox(group_name(label).c_str(), &shown)) toggle(ui.session, all, label);
            ImGui::EndDisabled();
            ImGui::SameLine(ui.px(kListWidth - 60));
            if (ImGui::SmallButton(("only##" + label).c_str())) {
                ui.session.change_view("choose only " + label,
                                       [&](ViewState& view) { view.groups = {label}; });
            }
        }
    }
    ImGui::EndChild();
}

}  // namespace

void group_chooser(Ui& ui, const std::string& trace) {
    const Answer<Analysis> answer = ui.session.analysis(trace);
    if (!answer.result) return;
    const std::vector<std::string> all = labels_of(*answer.result);
    const std::size_t shown = ui.session.view().groups.size();
    const std::string label = shown == 0
                                  ? "All " + std::to_string(all.size()) + " groups"
                                  : std::to_string(shown) + " of " + std::to_string(all.size());
    if (ImGui::Button((label + "###groups").c_str())) ImGui::OpenPopup("choose groups");
    ImGui::SetItemTooltip("Which of them the pictures show");
    if (ImGui::BeginPopup("choose groups")) {
        chooser_list(ui, all);
        ImGui::EndPopup();
    }
}

}  // namespace alluvium
