#include "app/views/expert_sort_chooser.h"

#include <imgui.h>

#include "analysis/figures/expert_order.h"
#include "app/views/any_text.h"

namespace alluvium {
namespace {

using By = ExpertSort::By;

std::string in_words(const ExpertSort& sort) {
    const std::string layer = "layer " + std::to_string(sort.layer);
    switch (sort.by) {
        case By::owner:
            return "who uses them";
        case By::number:
            return "number";
        case By::load:
            return "load in " + layer;
        case By::share:
            return "use by " + group_name(sort.group) + " in " + layer;
        case By::similarity:
            return "likeness in " + layer;
    }
    return {};
}

void choose(Ui& ui, const ExpertSort& sort) {
    ui.session.change_view("sort the experts",
                           [&](ViewState& view) { view.order = to_string(sort); });
}

// What can be chosen where a layer, and perhaps a group, is at hand.
std::vector<ExpertSort> choices(int layer, const std::string& group) {
    std::vector<ExpertSort> sorts = {{By::owner}, {By::number}};
    if (layer < 0) return sorts;
    sorts.push_back({By::load, layer});
    sorts.push_back({By::similarity, layer});
    if (!group.empty()) sorts.push_back({By::share, layer, group});
    return sorts;
}

}  // namespace

void expert_sort_chooser(Ui& ui, const std::string& trace) {
    const TraceDocument* document = ui.session.documents().trace(trace);
    if (document == nullptr || document->trace->layers().empty()) return;
    const ViewState& view = ui.session.view();
    const ExpertSort now = parse_expert_sort(view.order);
    const int layer =
        view.selection.layer >= 0 ? view.selection.layer : document->trace->layers().back().layer;
    ImGui::SetNextItemWidth(ui.px(190));
    if (ImGui::BeginCombo("##order", ("experts by " + in_words(now)).c_str())) {
        for (const ExpertSort& sort : choices(layer, view.selection.group)) {
            if (ImGui::Selectable(in_words(sort).c_str(), sort == now)) choose(ui, sort);
        }
        ImGui::EndCombo();
    }
    ImGui::SetItemTooltip(
        "In which order the experts stand, from left to right. Click a cell first to "
        "sort by its layer and language.");
}

void expert_sort_menu(Ui& ui, const Selection& selection) {
    if (!ImGui::BeginMenu("Sort the experts by")) return;
    const ExpertSort now = parse_expert_sort(ui.session.view().order);
    for (const ExpertSort& sort : choices(selection.layer, selection.group)) {
        if (ImGui::MenuItem(in_words(sort).c_str(), nullptr, sort == now)) choose(ui, sort);
    }
    ImGui::EndMenu();
}

}  // namespace alluvium
