#include "app/views/figure_canvas.h"

#include <algorithm>
#include <cmath>

#include <imgui_internal.h>

#include "app/views/box_panel.h"

namespace alluvium {
namespace {

constexpr double kSmallestZoom = 0.5, kLargestZoom = 64;
constexpr double kWheelStep = 1.2;
constexpr float kDragThreshold = 4;

double fitting_scale(const Figure& figure, ImVec2 size) {
    if (figure.width <= 0 || figure.height <= 0) return 1;
    return std::max(0.01, std::min(size.x / figure.width, size.y / figure.height));
}

// Of the selection: a cell's whole identity must agree, but what the selection leaves open matches
// anything.
bool belongs_to(const Datum& datum, const Selection& selection) {
    if (selection.empty()) return false;
    const auto agrees = [](int chosen, int value) { return chosen < 0 || chosen == value; };
    return agrees(selection.layer, datum.layer) && agrees(selection.expert, datum.expert) &&
           agrees(selection.to_expert, datum.to_expert) && datum.layer >= 0 &&
           (selection.group.empty() || selection.group == datum.group || datum.kind == "node");
}

void outline_selected(Ui& ui, const Figure& figure, const Placement& place, ImDrawList& list) {
    const Selection& selection = ui.session.view().selection;
    if (selection.empty() || selection.expert < 0) return;
    for (std::size_t i = 0; i < figure.data.size(); ++i) {
        if (!belongs_to(figure.data[i], selection)) continue;
        outline_datum(figure, static_cast<int>(i), place, list, ui.theme.background, ui.px(4));
        outline_datum(figure, static_cast<int>(i), place, list, ui.theme.text, ui.px(2));
    }
}

void outline_pinned(Ui& ui, const std::string& trace, const Figure& figure, const Placement& place,
                    ImDrawList& list) {
    const Notes& notes = ui.session.notes(trace);
    if (notes.all().empty()) return;
    for (std::size_t i = 0; i < figure.data.size(); ++i) {
        const Datum& datum = figure.data[i];
        if (datum.to_expert >= 0 || notes.find(datum.layer, datum.expert) == nullptr) continue;
        outline_datum(figure, static_cast<int>(i), place, list, ui.theme.accent, ui.px(1.5F));
    }
}

void change_camera(Ui& ui, const std::string& panel, const Camera& camera, const char* what) {
    ui.session.change_view(
        what, [&](ViewState& v) { v.cameras[panel] = camera; }, std::string(what) + panel);
}

void fit(Ui& ui, const std::string& panel) {
    ui.session.change_view("fit the picture", [&](ViewState& v) { v.cameras.erase(panel); });
}

}  // namespace

Placement place_figure(const Figure& figure, const Camera& camera, ImVec2 corner, ImVec2 size) {
    const double scale = fitting_scale(figure, size) * camera.zoom;
    return {
        .origin = {static_cast<float>(corner.x + size.x / 2 - camera.x * figure.width * scale),
                   static_cast<float>(corner.y + size.y / 2 - camera.y * figure.height * scale)},
        .scale = static_cast<float>(scale)};
}

Camera zoomed(const Camera& camera, double factor, const Figure& figure, ImVec2 pixel,
              ImVec2 corner, ImVec2 size) {
    const Point fixed = place_figure(figure, camera, corner, size).to_figure(pixel);
    Camera next = camera;
    next.zoom = std::clamp(camera.zoom * factor, kSmallestZoom, kLargestZoom);
    const double scale = fitting_scale(figure, size) * next.zoom;
    next.x = (fixed.x - (pixel.x - corner.x - size.x / 2) / scale) / figure.width;
    next.y = (fixed.y - (pixel.y - corner.y - size.y / 2) / scale) / figure.height;
    return next;
}

Camera panned(const Camera& camera, const Figure& figure, ImVec2 delta, ImVec2 corner,
              ImVec2 size) {
    const double scale = place_figure(figure, camera, corner, size).scale;
    Camera next = camera;
    next.x = std::clamp(camera.x - delta.x / (scale * figure.width), 0.0, 1.0);
    next.y = std::clamp(camera.y - delta.y / (scale * figure.height), 0.0, 1.0);
    return next;
}

CanvasEvent figure_canvas(Ui& ui, const Canvas& canvas, const Figure& figure, ImVec2 size) {
    const std::string& panel = canvas.camera;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    size = {std::max(size.x, 1.0F), std::max(size.y, 1.0F)};
    ImGui::InvisibleButton(("##canvas " + panel).c_str(), size);
    const bool hovered = ImGui::IsItemHovered();
    const ImGuiIO& io = ImGui::GetIO();
    if (hovered) ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);

    const Camera camera = ui.session.view().camera(panel);
    if (hovered && io.MouseWheel != 0) {
        const double factor = std::pow(kWheelStep, static_cast<double>(io.MouseWheel));
        change_camera(ui, panel, zoomed(camera, factor, figure, io.MousePos, corner, size), "zoom");
    }
    const bool boxing = drag_box(
        ui, canvas.panel, place_figure(figure, ui.session.view().camera(panel), corner, size));
    const bool dragging =
        ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, kDragThreshold);
    if (dragging && !boxing)
        change_camera(ui, panel, panned(camera, figure, io.MouseDelta, corner, size), "pan");

    const Placement place = place_figure(figure, ui.session.view().camera(panel), corner, size);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(corner, {corner.x + size.x, corner.y + size.y}, true);
    paint_figure(figure, place, list, ui.gui.text(), canvas.until_layer);
    outline_pinned(ui, canvas.trace, figure, place, list);
    outline_selected(ui, figure, place, list);

    CanvasEvent event;
    if (hovered && !dragging) event.hovered = hit_test(figure, place.to_figure(io.MousePos));
    if (event.hovered != nullptr) {
        const auto index = static_cast<int>(event.hovered - figure.data.data());
        outline_datum(figure, index, place, list, ui.theme.accent, ui.px(2));
    }
    list.PopClipRect();
    draw_box(ui, canvas.panel, figure, place, corner, size);

    const bool released = ImGui::IsItemDeactivated() && hovered;
    const ImVec2 moved = io.MouseDragMaxDistanceAbs[ImGuiMouseButton_Left];
    event.clicked = released && !boxing && std::max(moved.x, moved.y) < kDragThreshold;
    if (event.clicked) ui.state.box.reset();
    event.double_clicked = hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    if (event.double_clicked && event.hovered == nullptr) fit(ui, panel);
    return event;
}

}  // namespace alluvium
