#include "analysis/figures/interval_table.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/axis.h"
#include "analysis/number_text.h"

namespace alluvium {
namespace {

constexpr double kRow = kLeading * kSmallSize + 1;
constexpr double kGap = 16;  // between columns

class Painter {
  public:
    Painter(Page& page, const IntervalTable& table, const Rect& into)
        : page_(page), theme_(page.theme()), table_(table), into_(into) {
        for (const double mark : table.marks) include(mark);
        for (const IntervalRow& row : table.rows) {
            for (const Estimate& e : row.values) {
                for (const double end : {e.value, e.low, e.high}) include(end);
            }
            names_ = std::max(names_, page.width_of(row.name, style_of(row)));
            notes_ = std::max(notes_, page.width_of(row.note, style_of(row)));
        }
        const double pad = 0.06 * (high_ - low_) + 1e-6;
        low_ -= pad;
        high_ += pad;
        names_ = std::min(names_ + 10, into.width * 0.38);
        notes_ = std::min(notes_ + 10, into.width * 0.3);
        const auto columns = static_cast<double>(table.columns.size());
        width_ = (into.width - names_ - notes_ - (columns - 1) * kGap) / columns;
    }

    double draw() {
        double top = into_.y;
        if (!table_.heading.empty()) {
            page_.text(table_.heading, body_style(true), theme_.text,
                       {{into_.x, top}, HAlign::left, VAlign::top});
            top += kRow + 6;
        }
        std::vector<Rect> columns;
        for (std::size_t c = 0; c < table_.columns.size(); ++c) {
            const double x = into_.x + names_ + static_cast<double>(c) * (width_ + kGap);
            columns.push_back(
                {x, top, width_, kRow * (static_cast<double>(table_.rows.size()) + 1)});
            draw_frame(columns.back(), table_.columns[c]);
        }
        for (std::size_t i = 0; i < table_.rows.size(); ++i) {
            draw_row(table_.rows[i], top + kRow * (static_cast<double>(i) + 1.5), columns);
        }
        return columns.back().y + columns.back().height + kRow + 8;
    }

  private:
    void include(double value) {
        if (!std::isfinite(value)) return;
        low_ = std::min(low_, value);
        high_ = std::max(high_, value);
    }
    static TextStyle style_of(const IntervalRow& row) {
        TextStyle style = small_style();
        style.bold = row.strong;
        return style;
    }
    double x(const Rect& column, double value) const {
        return column.x + (value - low_) / (high_ - low_) * column.width;
    }

    void draw_frame(const Rect& column, const std::string& name) {
        page_.text(shortened(name, small_style(), column.width + kGap - 4, page_.meter()),
                   small_style(), theme_.text,
                   {{column.x + column.width / 2, column.y}, HAlign::center, VAlign::top});
        const double top = column.y + kRow, bottom = column.y + column.height;
        const Ticks ticks = round_ticks(low_, high_, column.width > 160 ? 5 : 3);
        for (const double tick : ticks.at) {
            const bool zero = std::abs(tick) < 1e-12;
            page_.add(LineShape{{{x(column, tick), top}, {x(column, tick), bottom}},
                                zero ? theme_.muted : theme_.grid,
                                zero ? 0.75 : 0.5});
            page_.text(fixed_text(tick, ticks.digits), small_style(), theme_.muted,
                       {{x(column, tick), bottom + 3}, HAlign::center, VAlign::top});
        }
        for (const double mark : table_.marks) {
            page_.add(LineShape{
                {{x(column, mark), top}, {x(column, mark), bottom}}, theme_.muted, 0.5, {2, 2}});
        }
    }

    void draw_row(const IntervalRow& row, double y, const std::vector<Rect>& columns) {
        const Color ink = row.faint ? theme_.muted : theme_.text;
        const TextStyle style = style_of(row);
        page_.text(shortened(row.name, style, names_ - 8, page_.meter()), style, ink,
                   {{into_.x, y}, HAlign::left, VAlign::middle});
        page_.text(shortened(row.note, style, notes_ - 8, page_.meter()), style, ink,
                   {{into_.x + into_.width - notes_ + 10, y}, HAlign::left, VAlign::middle});
        const int datum = page_.datum(row.datum);
        for (std::size_t c = 0; c < std::min(columns.size(), row.values.size()); ++c) {
            draw_interval(row, row.values[c], y, columns[c], datum);
        }
    }

    void draw_interval(const IntervalRow& row, const Estimate& e, double y, const Rect& column,
                       int datum) {
        if (!e.has_value()) return;
        if (e.has_interval()) {
            page_.add(LineShape{{{x(column, e.low), y}, {x(column, e.high), y}}, row.color, 1.2});
        }
        page_.add(CircleShape{{x(column, e.value), y},
                              row.strong ? 2.6 : 2.0,
                              row.strong ? row.color : theme_.background,
                              row.color,
                              1.1},
                  datum);
    }

    Page& page_;
    const Theme& theme_;
    const IntervalTable& table_;
    Rect into_;
    double low_ = 0, high_ = 0;  // 0 is always in view
    double names_ = 0, notes_ = 0, width_ = 0;
};

}  // namespace

double draw_interval_table(Page& page, const IntervalTable& table, const Rect& into) {
    if (table.rows.empty()) return into.y;
    return Painter(page, table, into).draw();
}

}  // namespace alluvium
