#include <imgui.h>

#include "app/views/expert_sort_chooser.h"
#include "app/views/exports.h"
#include "app/views/figure_panel.h"
#include "app/views/group_chooser.h"
#include "app/views/measure_switch.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

class HeatmapView : public View {
  public:
    HeatmapView() : View(kHeatmap) {}

    void draw(Ui& ui) override {
        const std::string trace = ui.session.view().a;
        if (!trace.empty()) {
            measure_switch(ui);
            ImGui::SameLine();
            group_chooser(ui, trace);
            ImGui::SameLine();
            expert_sort_chooser(ui, trace);
            ImGui::SameLine();
            export_button(ui, FigureKind::heatmap, trace);
        }
        figure_panel(ui, {FigureKind::heatmap, "heat map", "heatmap", trace}, 0, 0);
    }
};

}  // namespace

std::unique_ptr<View> make_heatmap_view() {
    return std::make_unique<HeatmapView>();
}

}  // namespace alluvium
