#pragma once
// Where pictures and their marks are on the screen.
#include <optional>

#include "app/views/figure_canvas.h"
#include "tests/views/driver.h"

namespace alluvium::test {

// Where the picture of a panel is on the screen.
inline ImRect canvas_of(ImGuiTestContext& context, const char* camera) {
    const std::string name = "//**/##canvas " + std::string(camera);
    const ImGuiTestItemInfo item = context.ItemInfo(name.c_str());
    IM_CHECK_RETV(item.ID != 0, ImRect());
    return item.RectFull;
}

// The middle of the first mark of the figure whose datum `wanted` accepts.
template <typename Predicate>
std::optional<ImVec2> place_of(const Figure& figure, const Camera& camera, const ImRect& canvas,
                               const Predicate& wanted) {
    const Placement place = place_figure(figure, camera, canvas.Min, canvas.GetSize());
    for (const Mark& mark : figure.marks) {
        if (mark.datum < 0 || !wanted(figure.data[static_cast<std::size_t>(mark.datum)])) continue;
        const auto* rect = std::get_if<RectShape>(&mark.shape);
        if (rect == nullptr) continue;
        return place.to_screen(
            {rect->rect.x + rect->rect.width / 2, rect->rect.y + rect->rect.height / 2});
    }
    return std::nullopt;
}

}  // namespace alluvium::test
