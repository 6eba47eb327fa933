#include <array>

#include <imgui.h>

#include "app/views/actions.h"
#include "app/views/any_text.h"
#include "app/views/exports.h"
#include "app/views/figure_panel.h"
#include "app/views/group_chooser.h"
#include "app/views/keep_rule_control.h"
#include "app/views/measure_switch.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

struct Kind {
    FigureKind kind;
    const char* label;
};
constexpr std::array<Kind, 4> kKinds{{{FigureKind::heatmap, "Heat maps"},
                                      {FigureKind::difference, "Difference"},
                                      {FigureKind::divergence, "Divergence"},
                                      {FigureKind::circuit, "Circuits"}}};
// Height, in pixels at scale 1, from which the difference has room below the two heat maps.
constexpr float kRoomForDifference = 620;

// A left, B right, on one scale and under one camera; the difference below where there is room.
class CompareView : public View {
  public:
    CompareView() : View(kCompare) {}

    void draw(Ui& ui) override {
        const ViewState& view = ui.session.view();
        if (view.a.empty() || view.b.empty()) return nothing_to_compare(ui);
        draw_tools(ui);
        if (kind_ == FigureKind::difference) return draw_difference(ui);
        const ImVec2 room = ImGui::GetContentRegionAvail();
        const bool below = kind_ == FigureKind::heatmap && room.y >= ui.px(kRoomForDifference);
        const float gap = ImGui::GetStyle().ItemSpacing.x;
        const float height = below ? room.y * 0.55F : room.y;
        const float width = (room.x - gap) / 2;
        draw_side(ui, "A", view.a, {width, height});
        ImGui::SameLine();
        draw_side(ui, "B", view.b, {width, height});
        if (below) draw_difference(ui);
    }

  private:
    void nothing_to_compare(Ui& ui) {
        if (ui.session.view().a.empty()) {
            if (empty_state(ui, "Nothing is open yet.", "Open a trace or session...")) {
                run_action(ui, "open_file");
            }
        } else if (empty_state(ui, "Open a second trace to see both side by side.",
                               "Compare with...")) {
            run_action(ui, "compare_file");
        }
    }

    void draw_tools(Ui& ui) {
        for (const Kind& kind : kKinds) {
            if (ImGui::RadioButton(kind.label, kind_ == kind.kind)) kind_ = kind.kind;
            ImGui::SameLine();
        }
        ImGui::TextDisabled("|");
        ImGui::SameLine();
        switch (kind_) {
            case FigureKind::heatmap:
                measure_switch(ui);
                ImGui::SameLine();
                group_chooser(ui, ui.session.view().a);
                break;
            case FigureKind::difference:
                group_chooser(ui, ui.session.view().a);
                break;
            case FigureKind::circuit:
                keep_rule_.draw(ui);
                break;
            case FigureKind::divergence:
                ImGui::NewLine();
                break;
        }
    }

    void draw_side(Ui& ui, const char* side, const std::string& trace, ImVec2 size) {
        ImGui::BeginGroup();
        const TraceDocument* document = ui.session.documents().trace(trace);
        ImGui::PushFont(ui.gui.text().font(true), kTextSize);
        ImGui::AlignTextToFramePadding();
        ImGui::Text("%s  %s", side, document == nullptr ? trace.c_str() : document->name.c_str());
        ImGui::PopFont();
        ImGui::SameLine();
        ImGui::PushID(side);
        export_button(ui, kind_, trace);
        ImGui::PopID();
        const float used = ImGui::GetFrameHeightWithSpacing();
        // Both sides show the experts in the order of A, or nothing could be read across.
        const std::string& beside = ui.session.view().a;
        figure_panel(ui,
                     {kind_, std::string("compare ") + side, "compare " + to_string(kind_), trace,
                      kind_ == FigureKind::heatmap ? beside : std::string()},
                     size.x, size.y - used);
        ImGui::EndGroup();
    }

    void draw_difference(Ui& ui) {
        ImGui::PushFont(ui.gui.text().font(true), kTextSize);
        ImGui::TextUnformatted("A - B");
        ImGui::PopFont();
        const ViewState& view = ui.session.view();
        figure_panel(
            ui, {FigureKind::difference, "compare difference", "difference", view.a, view.b}, 0, 0);
    }

    FigureKind kind_ = FigureKind::heatmap;
    KeepRuleControl keep_rule_;
};

}  // namespace

std::unique_ptr<View> make_compare_view() {
    return std::make_unique<CompareView>();
}

}  // namespace alluvium
