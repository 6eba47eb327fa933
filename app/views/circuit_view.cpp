#include <algorithm>
#include <limits>

#include <imgui.h>

#include "app/views/exports.h"
#include "app/views/figure_panel.h"
#include "app/views/group_chooser.h"
#include "app/views/keep_rule_control.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

constexpr double kLayersASecond = 2, kLongest = 12;  // seconds

class CircuitView : public View {
  public:
    CircuitView() : View(kCircuit) {}

    void draw(Ui& ui) override {
        const std::string trace = ui.session.view().a;
        if (!trace.empty()) {
            keep_rule_.draw(ui);
            ImGui::SameLine();
            group_chooser(ui, trace);
            ImGui::SameLine();
            export_button(ui, FigureKind::circuit, trace);
            ImGui::SameLine();
            draw_play(ui);
        }
        figure_panel(ui,
                     {.kind = FigureKind::circuit,
                      .name = "circuit",
                      .camera = "circuit",
                      .trace = trace,
                      .until_layer = until_layer(ui, trace)},
                     0, 0);
    }

  private:
    void draw_play(Ui& ui) {
        if (ImGui::Button(ui.state.playing ? "Stop###play" : "Play###play")) {
            ui.state.playing = !ui.state.playing;
            layers_ = 0;
        }
        ImGui::SetItemTooltip("How the languages go from the first layer to the last");
    }

    // How far it has played; everything where it does not.
    double until_layer(Ui& ui, const std::string& trace) {
        const TraceDocument* document = ui.session.documents().trace(trace);
        if (document == nullptr || document->trace->layers().empty()) ui.state.playing = false;
        if (!ui.state.playing) return std::numeric_limits<double>::infinity();
        const auto& layers = document->trace->layers();
        const double first = layers.front().layer, last = layers.back().layer;
        layers_ += ImGui::GetIO().DeltaTime * std::max(kLayersASecond, (last - first) / kLongest);
        if (first + layers_ > last + 1) ui.state.playing = false;
        return first + layers_;
    }

    double layers_ = 0;  // that have come about
    KeepRuleControl keep_rule_;
};

}  // namespace

std::unique_ptr<View> make_circuit_view() {
    return std::make_unique<CircuitView>();
}

}  // namespace alluvium
