#include <algorithm>
#include <array>
#include <cmath>

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
        if (swipe_) return draw_swipe(ui, view.a, view.b);
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
        if (kind_ != FigureKind::difference) {
            ImGui::Checkbox("Swipe", &swipe_);
            ImGui::SetItemTooltip(
                "Both in one place, A left of a line and B right of it: drag the line");
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
        draw_picture(ui, side, trace, {size.x, size.y - used});
        ImGui::EndGroup();
    }

    // Both sides show the experts in the order of A, or nothing could be read across.
    void draw_picture(Ui& ui, const std::string& side, const std::string& trace, ImVec2 size) {
        const std::string beside =
            kind_ == FigureKind::heatmap ? ui.session.view().a : std::string();
        figure_panel(ui, {kind_, "compare " + side, "compare " + to_string(kind_), trace, beside},
                     size.x, size.y);
    }

    // Two whole pictures in one place, each cut off at the line.
    void draw_swipe(Ui& ui, const std::string& a, const std::string& b) {
        const ImVec2 room = ImGui::GetContentRegionAvail();
        const float handle = ui.px(10);
        const float left = std::round(std::clamp(swiped_ * room.x, handle, room.x - 2 * handle));
        constexpr auto kFlags = ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
        if (ImGui::BeginChild("##swipe A", {left, room.y}, ImGuiChildFlags_None, kFlags)) {
            draw_picture(ui, "A", a, room);
        }
        ImGui::EndChild();
        ImGui::SameLine(0, 0);
        draw_handle(ui, {handle, room.y}, room.x);
        ImGui::SameLine(0, 0);
        if (ImGui::BeginChild("##swipe B", {room.x - left - handle, room.y}, ImGuiChildFlags_None,
                              kFlags)) {
            ImGui::SetCursorPosX(-(left + handle));
            draw_picture(ui, "B", b, room);
        }
        ImGui::EndChild();
    }

    void draw_handle(Ui& ui, ImVec2 size, float whole) {
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        ImGui::InvisibleButton("##swipe line", size);
        const bool used = ImGui::IsItemActive() || ImGui::IsItemHovered();
        if (used) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
        if (ImGui::IsItemActive()) swiped_ += ImGui::GetIO().MouseDelta.x / whole;
        swiped_ = std::clamp(swiped_, 0.0F, 1.0F);
        ImDrawList& list = *ImGui::GetWindowDrawList();
        const float middle = corner.x + size.x / 2;
        list.AddLine({middle, corner.y}, {middle, corner.y + size.y},
                     to_im(used ? ui.theme.accent : ui.theme.muted), ui.px(2));
        const float y = corner.y + ui.px(2);
        list.AddText({corner.x - ImGui::CalcTextSize("A").x - ui.px(3), y}, to_im(ui.theme.text),
                     "A");
        list.AddText({corner.x + size.x + ui.px(3), y}, to_im(ui.theme.text), "B");
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
    bool swipe_ = false;
    float swiped_ = 0.5F;  // where the line is, as a share of the width
    KeepRuleControl keep_rule_;
};

}  // namespace

std::unique_ptr<View> make_compare_view() {
    return std::make_unique<CompareView>();
}

}  // namespace alluvium
