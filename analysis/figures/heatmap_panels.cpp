#include "analysis/figures/heatmap_panels.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/figures/color_space.h"
#include "analysis/figures/panel_layout.h"

namespace alluvium {
namespace {

constexpr double kLine = kLeading * kSmallSize;

class PanelPainter {
  public:
    PanelPainter(const PanelGrid& grid, const PanelLayout& layout, double top, Page& page)
        : grid_(grid), layout_(layout), top_(top), page_(page) {}

    void draw() {
        for (std::size_t p = 0; p < grid_.panels.size(); ++p) draw_panel(p);
    }

  private:
    Point corner(std::size_t panel) const {
        const std::size_t row = panel / layout_.across, column = panel % layout_.across;
        double y = top_;
        for (std::size_t above = 0; above < row; ++above) y += layout_.slot_height(grid_, above);
        return {kMargin + layout_.gutter + layout_.slot_width * static_cast<double>(column), y};
    }

    double cells_height() const { return layout_.cells_height(grid_); }

    void draw_panel(std::size_t panel) {
        const Point at = corner(panel);
        const std::size_t row_of_panels = panel / layout_.across;
        draw_name(grid_.panels[panel], at, layout_.title_lines[row_of_panels]);
        const double cells_top = at.y + layout_.title_height(row_of_panels);
        if (panel % layout_.across == 0) draw_layer_axis(cells_top);
        draw_frame({at.x, cells_top});
        for (std::size_t row = 0; row < grid_.layers.size(); ++row)
            for (std::size_t column = 0; column < grid_.order.experts.size(); ++column)
                draw_cell(panel, row, column, {at.x, cells_top});
        draw_expert_axis(at.x, cells_top + cells_height() + 3, panel % layout_.across == 0);
    }

    void draw_name(const PanelName& name, Point at, std::size_t title_lines) {
        const double room = layout_.slot_width - 8;
        TextStyle style = body_style(true);
        style.language = name.language;
        std::vector<std::string> lines = wrap_text(name.title, style, room, page_.meter());
        if (lines.size() > title_lines) {
            lines.resize(title_lines);
            lines.back() = shortened(lines.back() + " \u2026", style, room, page_.meter());
        }
        // Titles of one line stand as close to their cells as those of two.
        double y = at.y + kLeading * kBodySize * static_cast<double>(title_lines - lines.size());
        for (const std::string& line : lines) {
            page_.text(line, style, page_.theme().text, {{at.x, y}, HAlign::left, VAlign::top});
            y += kLeading * kBodySize;
        }
        if (name.note.empty()) return;
        page_.text(shortened(name.note, small_style(), room, page_.meter()), small_style(),
                   page_.theme().muted, {{at.x, y - 1}, HAlign::left, VAlign::top});
    }

    // Cells at the middle of a scale are hardly there on a light page: the frame says where the
    // panel ends.
    void draw_frame(Point at) {
        const double width = layout_.cell_width * static_cast<double>(grid_.order.experts.size());
        page_.add(RectShape{.rect = {at.x - 0.5, at.y - 0.5, width - layout_.gap + 1,
                                     cells_height() - layout_.gap + 1},
                            .fill = {0, 0, 0, 0},
                            .stroke = page_.theme().grid,
                            .stroke_width = 0.75});
    }

    void draw_cell(std::size_t panel, std::size_t row, std::size_t column, Point origin) {
        PanelCell cell = grid_.cell(panel, row, grid_.order.experts[column]);
        if (!cell.exists) return;
        const double up = static_cast<double>(grid_.layers.size() - 1 - row);
        const Rect rect{origin.x + layout_.cell_width * static_cast<double>(column),
                        origin.y + layout_.cell_height * up, layout_.cell_width - layout_.gap,
                        layout_.cell_height - layout_.gap};
        RectShape shape{.rect = rect, .fill = cell.fill};
        shape.hatched = cell.hatched;
        shape.hatch = page_.theme().muted;
        page_.add(shape, page_.datum(std::move(cell.datum)));
        const Point center{rect.x + rect.width / 2, rect.y + rect.height / 2};
        if (cell.crossed && std::min(rect.width, rect.height) >= 4)
            page_.add(CircleShape{center, 0.8, text_on(cell.fill)});
        if (layout_.value_size > 0 && !cell.value.empty())
            page_.text(cell.value, {layout_.value_size, false, true, {}}, text_on(cell.fill),
                       {center, HAlign::center, VAlign::middle});
    }

    // Every row, or every 2nd, 4th, 5th, 10th, ... so that the numbers keep apart.
    std::size_t layer_step() const {
        for (const std::size_t step : {1, 2, 4, 5, 8, 10, 20, 40, 50, 100})
            if (static_cast<double>(step) * layout_.cell_height >= kSmallSize + 1) return step;
        return 200;
    }

    void draw_layer_axis(double cells_top) {
        const double right = kMargin + layout_.gutter - 9;
        page_.text("layer", small_style(), page_.theme().muted,
                   {{right, cells_top - 3}, HAlign::right, VAlign::bottom});
        const double bottom = cells_top + cells_height();
        for (std::size_t row = 0; row < grid_.layers.size(); row += layer_step()) {
            const double y = bottom - layout_.cell_height * (static_cast<double>(row) + 0.5);
            page_.text(std::to_string(grid_.layers[row]), small_style(), page_.theme().muted,
                       {{right, y}, HAlign::right, VAlign::middle});
        }
    }

    void draw_expert_axis(double left, double top, bool named) {
        const auto caption = [&](const std::string& text, double x, HAlign align) {
            if (named)
                page_.text(text, small_style(), page_.theme().muted,
                           {{x, top}, align, VAlign::top});
        };
        const double gutter = kMargin + layout_.gutter - 9;
        if (layout_.label_rows > 0) {
            caption(grid_.axis_name, gutter, HAlign::right);
            draw_column_labels(left, top);
        } else if (any_owner_fits()) {
            caption("used by", gutter, HAlign::right);
            draw_owners(left, top);
        } else {
            caption(std::to_string(grid_.order.experts.size()) + " experts", left, HAlign::left);
        }
    }

    double owner_width(const ColumnSpan& owner) const {
        return layout_.cell_width * static_cast<double>(owner.count);
    }

    bool owner_fits(const ColumnSpan& owner) const {
        return page_.width_of(owner.label, small_style()) + 2 <= owner_width(owner);
    }

    bool any_owner_fits() const {
        return std::any_of(grid_.order.owners.begin(), grid_.order.owners.end(),
                           [this](const ColumnSpan& owner) { return owner_fits(owner); });
    }

    void draw_column_labels(double left, double top) {
        for (std::size_t column = 0; column < grid_.order.labels.size(); ++column) {
            const double x =
                left + layout_.cell_width * (static_cast<double>(column) + 0.5) - layout_.gap / 2;
            const std::size_t row = column % layout_.label_rows;
            const double y = top + kLine * static_cast<double>(row);
            if (row > 0) page_.add(LineShape{{{x, top - 1}, {x, y}}, page_.theme().grid, 0.5});
            page_.text(grid_.order.labels[column], small_style(), page_.theme().muted,
                       {{x, y}, HAlign::center, VAlign::top});
        }
    }

    // A bracket under the columns of each group, named where the name fits.
    void draw_owners(double left, double top) {
        for (const ColumnSpan& owner : grid_.order.owners) {
            const double x0 = left + layout_.cell_width * static_cast<double>(owner.first);
            const double width = owner_width(owner);
            const double inset = std::min(0.75, width / 4);
            page_.add(LineShape{
                {{x0 + inset, top - 1}, {x0 + width - inset, top - 1}}, page_.theme().muted, 0.75});
            if (!owner_fits(owner)) continue;
            page_.text(owner.label, small_style(), page_.theme().muted,
                       {{x0 + width / 2, top + 1}, HAlign::center, VAlign::top});
        }
    }

    const PanelGrid& grid_;
    const PanelLayout& layout_;
    const double top_;
    Page& page_;
};

constexpr double kWidestLegend = 240;

// Beside the last panels where a free slot is wide enough, else below everything. Returns the
// bottom edge of the page.
double place_legend(const PanelGrid& grid, const PanelLayout& layout, double top, Page& page) {
    double bottom = top;
    for (std::size_t row = 0; row < layout.down; ++row) bottom += layout.slot_height(grid, row);
    const std::size_t last = layout.down - 1;
    const std::size_t used = grid.panels.size() - last * layout.across;
    const double left = kMargin + layout.gutter + layout.slot_width * static_cast<double>(used);
    const double free = page.width() - kMargin - left;
    const bool values = layout.value_size > 0;
    if (free >= kNarrowestLegend) {
        Block block = grid.legend(std::min(free, kWidestLegend), values);
        const double y = bottom - layout.slot_height(grid, last) + layout.title_height(last);
        page.insert(std::move(block.page), left, y);
        return std::max(bottom, y + block.height);
    }
    const double start = kMargin + layout.gutter;
    Block block = grid.legend(page.width() - kMargin - start, values);
    page.insert(std::move(block.page), start, bottom);
    return bottom + block.height + kMargin;
}

double draw_heading(const PanelPage& want, Page& page) {
    if (want.heading) return page.heading(want.title, want.subtitle);
    page.entitle(want.title, want.subtitle);
    return kMargin;
}

// What is left of a free page once nothing stands at its right.
double narrowed(const PanelLayout& layout, double width) {
    constexpr double kNarrowestPage = 480;
    const double legend = layout.down == 1 ? kNarrowestLegend + 3 * kMargin : 0;
    const double used = std::ceil(layout.used_width + legend);
    return std::clamp(used, std::min(kNarrowestPage, width), width);
}

}  // namespace

Figure draw_panels(const PanelGrid& grid, const PanelPage& want, const Theme& theme,
                   const TextMeter& meter) {
    PanelRoom room{.width = want.width, .top = 0, .height = want.height};
    if (want.width <= 0)
        room.width =
            grid.every_value ? std::max(kPageWidth, width_for_values(grid, meter)) : kPageWidth;
    Page trial(want.name, room.width, theme, meter);
    room.top = draw_heading(want, trial);
    const PanelLayout layout = layout_panels(grid, room, meter);

    Page page(want.name, want.width > 0 ? want.width : narrowed(layout, room.width), theme, meter);
    const double top = draw_heading(want, page);
    PanelPainter(grid, layout, top, page).draw();
    const double height = place_legend(grid, layout, top, page);
    return std::move(page).finish(std::max(height, want.height));
}

}  // namespace alluvium
