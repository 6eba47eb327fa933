#include "app/views/data_tooltip.h"

#include <imgui.h>

#include "analysis/figures/numbers.h"
#include "app/views/any_text.h"

namespace alluvium {

std::string datum_title(const Datum& datum) {
    std::string title;
    const auto add = [&](const std::string& part) { title += (title.empty() ? "" : ", ") + part; };
    if (datum.layer >= 0) add("layer " + std::to_string(datum.layer));
    if (datum.expert >= 0 && datum.to_expert >= 0) {
        add("expert " + std::to_string(datum.expert) + " to " + std::to_string(datum.to_expert));
    } else if (datum.expert >= 0) {
        add("expert " + std::to_string(datum.expert));
    }
    const bool of_group = datum.kind == "cell" || datum.kind == "difference";
    if (of_group || !datum.group.empty()) add(group_name(datum.group));
    return title.empty() ? datum.kind : title;
}

void data_tooltip(Ui& ui, const Datum& datum) {
    if (!ImGui::BeginTooltip()) return;
    ImGui::PushFont(ui.gui.text().font(true), kTextSize);
    ImGui::TextUnformatted(datum_title(datum).c_str());
    ImGui::PopFont();
    if (ImGui::BeginTable("##values", 2, ImGuiTableFlags_SizingFixedFit)) {
        for (const Value& value : datum.values) {
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            ImGui::TextDisabled("%s", value.name.c_str());
            ImGui::TableNextColumn();
            const std::string text = value.text.empty() ? number_text(value.number) : value.text;
            ImGui::TextUnformatted(text.c_str());
        }
        ImGui::EndTable();
    }
    ImGui::EndTooltip();
}

}  // namespace alluvium
