#include "analysis/figures/panel_layout.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace alluvium {
namespace {

constexpr double kLine = kLeading * kSmallSize;
constexpr double kSlotGap = 16;        // between panels side by side
constexpr double kNarrowestSlot = 84;  // a name must be readable above it
constexpr double kLargestCell = 22;    // on a free page; a fitted one may ask for more
constexpr double kFittedCell = 64;
constexpr double kFlattestCell = 16;  // height that a few layers are stretched to
constexpr double kLowestPanel = 60, kHighNarrowPanel = 160;
constexpr double kPagesHeight = 0.85;  // of the width: what a free page should not exceed
constexpr double kLegendStrip = 68;    // bar, ticks and swatches under the panels of a fitted page
constexpr double kSmallestValue = 5, kLargestValue = 7.5;
constexpr double kValuePadding = 1.5;

TextStyle value_style(double size) {
    return {size, false, true, {}};
}

double widest_label(const std::vector<std::string>& labels, const TextMeter& meter) {
    double widest = 0;
    for (const std::string& label : labels)
        widest = std::max(widest, meter(label, small_style()).width);
    return widest;
}

// Cells are set on a half-point raster, so that neighbours leave no hairline on the screen.
double on_raster(double size) {
    const double step = size >= 2 ? 0.5 : 0.1;
    return std::floor(size / step) * step;
}

double cell_height_for(double cell_width, std::size_t layers, std::size_t experts) {
    const double panel = cell_width * static_cast<double>(experts);
    const double rows = static_cast<double>(std::max<std::size_t>(layers, 1));
    const double least = std::min(std::max(0.42 * panel, kLowestPanel) / rows, kFlattestCell);
    const double most = std::max(1.5 * panel, kHighNarrowPanel) / rows;
    return on_raster(std::clamp(cell_width, least, std::max(least, most)));
}

// The largest type at which the widest value fits a cell; 0: none does.
double value_size_for(const PanelGrid& grid, double width, double height, const TextMeter& meter) {
    if (grid.widest_value.empty()) return 0;
    const double unit = meter(grid.widest_value, value_style(10)).width / 10;
    const double size =
        std::min({kLargestValue, (width - kValuePadding) / unit, (height - 1) / 0.95});
    return size >= kSmallestValue ? size : 0;
}

std::size_t label_rows_for(double widest, double cell_width) {
    constexpr double kApart = 2;
    if (widest + kApart <= cell_width) return 1;
    // Staggered: every second label stands one line lower.
    if (widest + kApart <= 2 * cell_width && widest > 0) return 2;
    return 0;
}

// A long name takes a second line, in its row of panels only.
std::vector<std::size_t> title_lines_for(const PanelGrid& grid, const PanelLayout& layout,
                                         const TextMeter& meter) {
    std::vector<std::size_t> lines(layout.down, 1);
    for (std::size_t p = 0; p < grid.panels.size(); ++p)
        if (meter(grid.panels[p].title, body_style(true)).width > layout.slot_width - kSlotGap / 2)
            lines[p / layout.across] = 2;
    return lines;
}

double total_height(const PanelGrid& grid, const PanelLayout& layout) {
    double height = 0;
    for (std::size_t row = 0; row < layout.down; ++row) height += layout.slot_height(grid, row);
    return height;
}

// Whether the legend finds a place beside the last panels.
bool has_legend_slot(const PanelGrid& grid, const PanelLayout& layout, double page_width) {
    const std::size_t used = grid.panels.size() - (layout.down - 1) * layout.across;
    const double left = kMargin + layout.gutter + layout.slot_width * static_cast<double>(used);
    return page_width - kMargin - left >= kNarrowestLegend;
}

struct Measures {
    double gutter = 0, widest_label = 0;
    bool notes = false;
};

Measures measure(const PanelGrid& grid, const TextMeter& meter) {
    Measures m;
    std::vector<std::string> layers{"layer", grid.axis_name};
    for (const int layer : grid.layers) layers.push_back(std::to_string(layer));
    m.gutter = widest_label(layers, meter) + 10;
    m.widest_label = widest_label(grid.order.labels, meter);
    for (const PanelName& name : grid.panels) m.notes = m.notes || !name.note.empty();
    return m;
}

std::optional<PanelLayout> with_columns(const PanelGrid& grid, const PanelRoom& room,
                                        const Measures& m, std::size_t across,
                                        const TextMeter& meter) {
    const std::size_t experts = std::max<std::size_t>(grid.order.experts.size(), 1);
    PanelLayout out;
    out.across = across;
    out.down = (grid.panels.size() + across - 1) / across;
    out.gutter = m.gutter;
    const double columns = static_cast<double>(across);
    const double inner = (room.width - 2 * kMargin - m.gutter - (columns - 1) * kSlotGap) / columns;
    if (across > 1 && inner < kNarrowestSlot) return std::nullopt;

    const double cap = room.height > 0 ? kFittedCell : kLargestCell;
    out.cell_width = on_raster(std::min(inner / static_cast<double>(experts), cap));
    if (out.cell_width <= 0) return std::nullopt;
    out.cell_height = cell_height_for(out.cell_width, grid.layers.size(), experts);
    out.slot_width =
        std::max(out.cell_width * static_cast<double>(experts), std::min(inner, kNarrowestSlot)) +
        kSlotGap;
    out.note_height = m.notes ? kLine : 0;
    out.title_lines = title_lines_for(grid, out, meter);
    out.label_rows = label_rows_for(m.widest_label, out.cell_width);
    out.axis_height = 3 + kLine * static_cast<double>(std::max<std::size_t>(out.label_rows, 1));
    out.used_width = 2 * kMargin + m.gutter + out.slot_width * columns - kSlotGap;
    double chrome = kSlotGap + out.axis_height;
    for (std::size_t row = 0; row < out.down; ++row)
        chrome = std::max(chrome, kSlotGap + out.axis_height + out.title_height(row));
    if (room.height > 0) {
        const bool below = !has_legend_slot(grid, out, room.width);
        const double legend = below ? kLegendStrip : 0;
        const double share =
            (room.height - room.top - kMargin - legend) / static_cast<double>(out.down);
        const double fitted = (share - chrome) / static_cast<double>(grid.layers.size());
        if (fitted < 1) return std::nullopt;
        out.cell_height = on_raster(std::min(fitted, std::max(out.cell_height, kLargestCell)));
    }
    out.gap = std::min(out.cell_width, out.cell_height) >= 5 ? 1 : 0;
    out.value_size =
        value_size_for(grid, out.cell_width - out.gap, out.cell_height - out.gap, meter);
    return out;
}

}  // namespace

double PanelLayout::title_height(std::size_t row) const {
    return kLeading * kBodySize * static_cast<double>(title_lines[row]) + note_height + 2;
}

double PanelLayout::slot_height(const PanelGrid& grid, std::size_t row) const {
    return title_height(row) + cells_height(grid) + axis_height + kSlotGap;
}

double width_for_values(const PanelGrid& grid, const TextMeter& meter) {
    const double value = meter(grid.widest_value, value_style(6)).width;
    const double cell = std::ceil(value + kValuePadding + 2);
    return 2 * kMargin + measure(grid, meter).gutter +
           cell * static_cast<double>(grid.order.experts.size());
}

PanelLayout layout_panels(const PanelGrid& grid, const PanelRoom& room, const TextMeter& meter) {
    const Measures m = measure(grid, meter);
    const double limit = room.height > 0 ? room.height : kPagesHeight * room.width;
    std::optional<PanelLayout> best;
    double best_score = 0;
    for (std::size_t across = 1; across <= grid.panels.size(); ++across) {
        const auto layout = with_columns(grid, room, m, across, meter);
        if (!layout) continue;
        const double height = room.top + total_height(grid, *layout);
        // Large cells, but a square one is worth more than a long one.
        const auto [least, most] = std::minmax(layout->cell_width, layout->cell_height);
        const double area = std::pow(least, 1.5) * std::sqrt(most);
        double score = height <= limit ? area : area * std::pow(limit / height, 4);
        if (grid.every_value && layout->value_size == 0) score *= 1e-3;
        // Equal cells: the wider page is the flatter one.
        if (!best || score >= best_score) {
            best = layout;
            best_score = score;
        }
    }
    if (best) return *best;
    PanelRoom free = room;
    free.height = 0;
    return *with_columns(grid, free, m, 1, meter);
}

}  // namespace alluvium
