#pragma once
#include <imgui.h>

#include "app/views/ui.h"

namespace alluvium {

// What the colours of expert maps mean.
inline void measure_switch(Ui& ui) {
    const Measure now = ui.session.view().measure;
    const auto choice = [&](const char* label, const char* tooltip, Measure measure) {
        if (ImGui::RadioButton(label, now == measure)) {
            ui.session.change_view("colour by " + std::string(label),
                                   [&](ViewState& view) { view.measure = measure; });
        }
        ImGui::SetItemTooltip("%s", tooltip);
    };
    choice("against chance", "Colour: log2 of the share over chance; white is chance",
           Measure::relative);
    ImGui::SameLine();
    choice("plain share", "Colour: share of the selections, 0 to 1, printed in every cell",
           Measure::share);
}

}  // namespace alluvium
