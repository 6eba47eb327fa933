#include "analysis/figures/scores_figure.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/axis.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"

namespace alluvium {
namespace {

constexpr double kPlotHeight = 170;
constexpr double kLeft = 40;    // for the numbers of the value axis
constexpr double kBelow = 36;   // for the columns' names and the axis' name
constexpr double kColumn = 62;  // least width of a column
constexpr double kPanelGap = 18;

// Of everything that a panel shows, with a little air. Accuracies and losses differ by little
// beside their size, so the axis need not start at 0.
ValueScale scale_of(const ScorePanel& panel, const Rect& plot) {
    constexpr double kFar = std::numeric_limits<double>::infinity();
    ValueScale scale{plot, kFar, -kFar};
    const auto include = [&scale](double value) {
        if (!std::isfinite(value)) return;
        scale.low = std::min(scale.low, value);
        scale.high = std::max(scale.high, value);
    };
    for (const ScorePoint& point : panel.points) {
        include(point.value);
        include(point.low);
        include(point.high);
    }
    include(panel.chance);
    if (!(scale.low <= scale.high)) return {plot};
    const double air =
        std::max(0.08 * (scale.high - scale.low), 1e-3 * std::abs(scale.high) + 1e-9);
    return {plot, scale.low - air, scale.high + air};
}

class PanelPainter {
  public:
    PanelPainter(Page& page, const ScorePanel& panel, const Rect& plot)
        : page_(page), panel_(panel), plot_(plot), scale_(scale_of(panel, plot)) {}

    void draw() {
        digits_ = draw_value_axis(page_, scale_, 6).digits;
        draw_chance();
        if (panel_.joined) draw_line();
        for (std::size_t i = 0; i < panel_.points.size(); ++i) draw_point(i);
        page_.text(panel_.axis, small_style(), page_.theme().muted,
                   {{plot_.x + plot_.width / 2, bottom() + 20}, HAlign::center, VAlign::top});
    }

  private:
    double bottom() const { return plot_.y + plot_.height; }
    double column() const { return plot_.width / static_cast<double>(panel_.points.size()); }
    double x(std::size_t i) const { return plot_.x + (static_cast<double>(i) + 0.5) * column(); }
    double y(double value) const { return scale_.y(value); }
    Color color() const { return selection_palette(page_.theme())[0]; }

    void draw_chance() {
        if (!std::isfinite(panel_.chance)) return;
        const double at = y(panel_.chance);
        page_.add(LineShape{
            {{plot_.x, at}, {plot_.x + plot_.width, at}}, page_.theme().muted, 0.75, {4, 3}});
        page_.text("chance", small_style(), page_.theme().muted,
                   {{plot_.x + plot_.width, at - 2}, HAlign::right, VAlign::bottom});
    }

    void draw_line() {
        LineShape line{{}, color(), 1.2};
        for (std::size_t i = 0; i < panel_.points.size(); ++i) {
            if (std::isfinite(panel_.points[i].value)) {
                line.points.push_back({x(i), y(panel_.points[i].value)});
            }
        }
        if (line.points.size() > 1) page_.add(std::move(line));
    }

    void draw_point(std::size_t i) {
        const ScorePoint& point = panel_.points[i];
        page_.text(shortened(point.column, small_style(), column() - 4, page_.meter()),
                   small_style(), page_.theme().text,
                   {{x(i), bottom() + 5}, HAlign::center, VAlign::top});
        if (!std::isfinite(point.value)) {
            RectShape gap{.rect = {x(i) - 5, plot_.y, 10, plot_.height},
                          .fill = page_.theme().missing};
            gap.hatched = true;
            gap.hatch = page_.theme().muted;
            page_.add(gap);
            return;
        }
        const int datum = page_.datum(
            {.kind = "point",
             .group = point.column,
             .values = {{panel_.title, point.value}, {"low", point.low}, {"high", point.high}}});
        if (std::isfinite(point.low) && std::isfinite(point.high)) draw_interval(point, x(i));
        CircleShape circle{.center = {x(i), y(point.value)}, .radius = 3.4, .fill = color()};
        if (panel_.hollow) {
            circle.fill = page_.theme().background;
            circle.stroke = color();
            circle.stroke_width = 1.4;
        }
        page_.add(circle, datum);
        // Above the line that may join the points.
        page_.text(fixed_text(point.value, digits_), small_style(), page_.theme().text,
                   {{x(i) + 6, y(point.value) - 5}, HAlign::left, VAlign::bottom});
    }

    void draw_interval(const ScorePoint& point, double at) {
        const double top = y(point.high), low = y(point.low);
        page_.add(LineShape{{{at, top}, {at, low}}, color(), 1.2});
        for (const double end : {top, low}) {
            page_.add(LineShape{{{at - 3, end}, {at + 3, end}}, color(), 1.2});
        }
    }

    Page& page_;
    const ScorePanel& panel_;
    Rect plot_;
    ValueScale scale_;
    int digits_ = 0;  // as many as the axis shows
};

}  // namespace

Figure scores_figure(const std::vector<ScorePanel>& panels, const ScoresFigureOptions& options,
                     const Theme& theme, const TextMeter& meter) {
    std::size_t columns = 1;
    for (const ScorePanel& panel : panels) columns = std::max(columns, panel.points.size());
    const double natural = kLeft + kColumn * static_cast<double>(columns) + 2 * kMargin;
    Page page("scores", options.width > 0 ? options.width : std::max(natural, 420.0), theme, meter);
    double y = page.heading(options.title, options.subtitle) + 6;
    for (const ScorePanel& panel : panels) {
        page.text(panel.title, body_style(true), theme.text,
                  {{kMargin, y}, HAlign::left, VAlign::top});
        y += kLeading * kBodySize + 4;
        const Rect plot{kMargin + kLeft, y, page.width() - 2 * kMargin - kLeft, kPlotHeight};
        PanelPainter(page, panel, plot).draw();
        y += kPlotHeight + kBelow + kPanelGap;
    }
    return std::move(page).finish(y - kPanelGap + kMargin);
}

}  // namespace alluvium
