#include "app/views/box_panel.h"

#include <algorithm>

#include <imgui.h>

#include "analysis/figures/numbers.h"
#include "app/painters/text.h"
#include "app/session/box_statistics.h"
#include "app/views/any_text.h"

namespace alluvium {
namespace {

Rect rect_of(const BoxSelection& box) {
    return {std::min(box.from.x, box.to.x), std::min(box.from.y, box.to.y),
            std::abs(box.to.x - box.from.x), std::abs(box.to.y - box.from.y)};
}

std::string range(const char* what, const std::set<int>& numbers) {
    if (numbers.empty()) return {};
    const std::string first = std::to_string(*numbers.begin());
    const std::string last = std::to_string(*numbers.rbegin());
    return std::string(", ") + what + (first == last ? " " + first : "s " + first + "-" + last);
}

std::string headline_of(const BoxStatistics& box) {
    std::string text = std::to_string(box.marks) + " " + box.kind + (box.marks == 1 ? "" : "s");
    text += range("layer", box.layers) + range("expert", box.experts);
    if (box.groups.size() == 1) text += ", " + group_name(*box.groups.begin());
    if (box.groups.size() > 1) text += ", " + std::to_string(box.groups.size()) + " groups";
    return text;
}

void values_table(const BoxStatistics& box) {
    if (!ImGui::BeginTable("##values", 5, ImGuiTableFlags_SizingFixedFit)) return;
    for (const char* name : {"", "mean", "least", "most", "sum"}) ImGui::TableSetupColumn(name);
    ImGui::TableHeadersRow();
    for (const BoxValue& value : box.values) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextDisabled("%s", value.name.c_str());
        for (const double number : {value.mean, value.low, value.high, value.sum}) {
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(number_text(number).c_str());
        }
    }
    ImGui::EndTable();
}

}  // namespace

bool drag_box(Ui& ui, const std::string& panel, const Placement& place) {
    const ImGuiIO& io = ImGui::GetIO();
    std::optional<BoxSelection>& box = ui.state.box;
    if (ImGui::IsItemActivated() && io.KeyShift) {
        const Point at = place.to_figure(io.MousePos);
        box = BoxSelection{panel, at, at, true};
    }
    if (!box || box->panel != panel || !box->drawing) return false;
    box->to = place.to_figure(io.MousePos);
    box->drawing = ImGui::IsItemActive();
    const Rect rect = rect_of(*box);
    if (!box->drawing && rect.width * rect.height == 0) box.reset();
    return true;
}

void draw_box(Ui& ui, const std::string& panel, const Figure& figure, const Placement& place,
              ImVec2 corner, ImVec2 size) {
    if (!ui.state.box || ui.state.box->panel != panel) return;
    const Rect rect = rect_of(*ui.state.box);
    Color fill = ui.theme.accent;
    fill.a = 40;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 low = place.to_screen({rect.x, rect.y});
    const ImVec2 high = place.to_screen({rect.x + rect.width, rect.y + rect.height});
    list.AddRectFilled(low, high, to_im(fill));
    list.AddRect(low, high, to_im(ui.theme.accent), 0, ui.px(1));
    const BoxStatistics box = box_statistics(figure, rect, pango_meter());
    // In the corner that the box leaves free.
    const bool left = (low.x + high.x) / 2 > corner.x + size.x / 2;
    ImGui::SetNextWindowPos({left ? corner.x : corner.x + size.x, corner.y}, ImGuiCond_Always,
                            {left ? 0.0F : 1.0F, 0});
    constexpr auto kFlags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_AlwaysAutoResize |
                            ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoSavedSettings |
                            ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav;
    if (ImGui::Begin(("##box " + panel).c_str(), nullptr, kFlags)) {
        if (box.marks == 0) {
            ImGui::TextDisabled("nothing in the box");
        } else {
            ImGui::TextUnformatted(headline_of(box).c_str());
            values_table(box);
            if (ImGui::SmallButton("Copy")) ImGui::SetClipboardText(box_text(box).c_str());
            ImGui::SetItemTooltip("All of it, with full precision");
        }
    }
    ImGui::End();
}

}  // namespace alluvium
