#include <imgui.h>

#include "app/views/exports.h"
#include "app/views/figure_panel.h"
#include "app/views/keep_rule_control.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

class CircuitView : public View {
  public:
    CircuitView() : View(kCircuit) {}

    void draw(Ui& ui) override {
        const std::string trace = ui.session.view().a;
        if (!trace.empty()) {
            keep_rule_.draw(ui);
            ImGui::SameLine();
            export_button(ui, FigureKind::circuit, trace);
        }
        figure_panel(ui, {FigureKind::circuit, "circuit", "circuit", trace}, 0, 0);
    }

  private:
    KeepRuleControl keep_rule_;
};

}  // namespace

std::unique_ptr<View> make_circuit_view() {
    return std::make_unique<CircuitView>();
}

}  // namespace alluvium
