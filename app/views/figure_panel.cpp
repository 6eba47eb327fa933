#include "app/views/figure_panel.h"

#include <algorithm>
#include <cmath>

#include <imgui.h>

#include "app/views/actions.h"
#include "app/views/any_text.h"
#include "app/views/change_routing.h"
#include "app/views/data_tooltip.h"
#include "app/views/expert_sort_chooser.h"
#include "app/views/exports.h"
#include "app/views/figure_canvas.h"
#include "app/views/notes_panel.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

// A picture is laid out anew in steps of so many points, so that dragging a splitter does not make
// a layout per pixel; in between it is scaled.
constexpr double kSizeStep = 12;
// Below this a layout has no room for what it shows; it is made for this size and shown smaller.
Size least_size(FigureKind kind) {
    switch (kind) {
        case FigureKind::circuit:
            return {480, 430};
        case FigureKind::divergence:
            return {400, 210};
        case FigureKind::heatmap:
        case FigureKind::difference:
            return {300, 220};
    }
    return {};
}

// Height of a panel, in pixels at scale 1, from which a picture carries its title.
constexpr float kHeadingFrom = 640;

double layout_points(const Ui& ui, float pixels, double smallest) {
    const double points = pixels / (kPixelsPerPoint * ui.gui.scale());
    return std::max(smallest, std::floor(points / kSizeStep) * kSizeStep);
}

FigureRequest screen_request(const Ui& ui, const FigurePanel& panel, ImVec2 size) {
    FigureRequest request = paper_request(ui.session, panel.kind);
    request.panel = panel.name;
    request.width = layout_points(ui, size.x, least_size(panel.kind).width);
    request.height = layout_points(ui, size.y, least_size(panel.kind).height);
    request.dark = ui.gui.dark();
    // The verdict stands above all views; a small picture needs its room for itself.
    request.heading = size.y >= ui.px(kHeadingFrom);
    request.sentence = false;
    return request;
}

void nothing_open(Ui& ui) {
    if (ui.session.documents().checkpoints().empty()) {
        if (empty_state(ui, "Nothing is open yet.", "Open a trace or session...")) {
            run_action(ui, "open_file");
        }
    } else if (empty_state(ui, "Run prompts through the checkpoint to see how it routes them.",
                           "Run")) {
        run_action(ui, "run");
    }
}

void not_there_yet(Ui& ui, const std::string& trace) {
    const std::string tag = "open " + trace;
    for (const JobStatus& job : ui.session.jobs().status()) {
        if (job.tag == tag) return void(empty_state(ui, "Opening the trace...", nullptr));
    }
    if (empty_state(ui, (trace + " is not open.").c_str(), "Open it again")) ui.session.open(trace);
}

void no_figure(Ui& ui, const Answer<Figure>& answer) {
    if (answer.under_way) return void(empty_state(ui, "Analysing...", nullptr));
    if (empty_state(ui, "This picture could not be made; the messages say why.", "Try again")) {
        ui.session.results().retry(answer.key);
    }
}

// What can be done with the expert under the pointer, which the click has selected.
void selection_menu(Ui& ui, FigureKind kind, const std::string& trace) {
    const Selection& selection = ui.session.view().selection;
    if (selection.layer < 0 || selection.expert < 0) return;
    const std::string name =
        "layer " + std::to_string(selection.layer) + ", expert " + std::to_string(selection.expert);
    ImGui::TextDisabled("%s", name.c_str());
    change_routing_menu(ui);
    if (ImGui::MenuItem("Search its tokens")) {
        ui.session.search(route_of(selection, ui.session.view().by));
        ui.state.bring_to_front = {kSearch};
    }
    const bool pinned = ui.session.notes(trace).find(selection.layer, selection.expert) != nullptr;
    if (ImGui::MenuItem(pinned ? "Unpin" : "Pin")) toggle_pin(ui, trace, selection);
    const bool map = kind == FigureKind::heatmap || kind == FigureKind::difference;
    if (map) expert_sort_menu(ui, selection);
    ImGui::Separator();
}

void handle(Ui& ui, const CanvasEvent& event) {
    if (event.hovered != nullptr) {
        ui.state.hovered = selection_of(*event.hovered);
        data_tooltip(ui, *event.hovered);
    }
    const bool asks = event.hovered != nullptr && ImGui::IsMouseClicked(ImGuiMouseButton_Right);
    if (event.clicked || asks) {
        ui.session.select(event.hovered == nullptr ? Selection{} : selection_of(*event.hovered));
    }
}

}  // namespace

void figure_panel(Ui& ui, const FigurePanel& panel, float width, float height) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const ImVec2 size(std::max(width > 0 ? width : room.x, 1.0F),
                      std::max(height > 0 ? height : room.y, 1.0F));
    ImGui::BeginChild(panel.name.c_str(), size, ImGuiChildFlags_None,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
    const TraceDocument* document = ui.session.documents().trace(panel.trace);
    const TraceDocument* other = ui.session.documents().trace(panel.other);
    if (panel.trace.empty()) {
        nothing_open(ui);
    } else if (document == nullptr) {
        not_there_yet(ui, panel.trace);
    } else if (other == nullptr && panel.kind == FigureKind::difference) {
        not_there_yet(ui, panel.other);
    } else if (document->trace->layers().empty()) {
        empty_state(ui, kNoRouters, nullptr);
    } else {
        const auto answer =
            ui.session.results().figure(screen_request(ui, panel, size), *document, other);
        if (answer.result) {
            handle(ui, figure_canvas(ui, {panel.camera, panel.name, panel.trace, panel.until_layer},
                                     *answer.result, size));
            if (ImGui::BeginPopupContextItem("##context")) {
                selection_menu(ui, panel.kind, panel.trace);
                export_menu(ui, panel.kind, *document);
                ImGui::EndPopup();
            }
        } else {
            no_figure(ui, answer);
        }
    }
    ImGui::EndChild();
}

}  // namespace alluvium
