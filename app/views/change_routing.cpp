#include "app/views/change_routing.h"

#include <algorithm>

#include <imgui.h>

#include "app/views/view.h"

namespace alluvium {

void add_to_tray(Ui& ui, const PlannedChange& change) {
    std::vector<PlannedChange>& tray = ui.state.intervention.tray;
    if (std::find(tray.begin(), tray.end(), change) == tray.end()) tray.push_back(change);
}

void change_selected(Ui& ui, const std::string& change) {
    const Selection& selection = ui.session.view().selection;
    add_to_tray(
        ui, {.targets = std::to_string(selection.layer) + ":" + std::to_string(selection.expert),
             .change = change,
             .lambda = ui.state.intervention.lambda,
             .languages = {},
             .positions = {}});
    std::string& needed_by = ui.state.intervention.needed_by;
    if (needed_by.empty()) needed_by = selection.group;
}

void change_routing_menu(Ui& ui) {
    const auto item = [&ui](const char* label, const char* change, const char* says) {
        if (ImGui::MenuItem(label)) {
            change_selected(ui, change);
            ui.state.bring_to_front = {kIntervene};
        }
        ImGui::SetItemTooltip("%s", says);
    };
    item("Ablate it...", "reroute", "It cannot be chosen: the next one takes over");
    item("Boost it...", "boost", "Its logit is raised");
    item("Force it...", "force", "It is always chosen");
}

}  // namespace alluvium
