#include "app/painters/shape_painter.h"

#include <cmath>
#include <numbers>

#include "app/painters/text_layout.h"

namespace alluvium {
namespace {

void set_color(cairo_t* cr, Color c) {
    cairo_set_source_rgba(cr, c.r / 255.0, c.g / 255.0, c.b / 255.0, c.a / 255.0);
}

void rounded_rect(cairo_t* cr, const Rect& r, double radius) {
    if (radius <= 0) {
        cairo_rectangle(cr, r.x, r.y, r.width, r.height);
        return;
    }
    const double s = std::min({radius, r.width / 2, r.height / 2});
    constexpr double kQuarter = std::numbers::pi / 2;
    cairo_new_sub_path(cr);
    cairo_arc(cr, r.x + r.width - s, r.y + s, s, -kQuarter, 0);
    cairo_arc(cr, r.x + r.width - s, r.y + r.height - s, s, 0, kQuarter);
    cairo_arc(cr, r.x + s, r.y + r.height - s, s, kQuarter, 2 * kQuarter);
    cairo_arc(cr, r.x + s, r.y + s, s, 2 * kQuarter, 3 * kQuarter);
    cairo_close_path(cr);
}

// Lines through multiples of the step, so that neighbouring cells share one pattern.
void hatch(cairo_t* cr, const RectShape& s) {
    cairo_save(cr);
    rounded_rect(cr, s.rect, s.radius);
    cairo_clip(cr);
    const double x0 = s.rect.x, x1 = s.rect.x + s.rect.width;
    const double y0 = s.rect.y, y1 = s.rect.y + s.rect.height;
    for (double c = std::floor((x0 + y0) / kHatchStep) * kHatchStep; c <= x1 + y1;
         c += kHatchStep) {
        cairo_move_to(cr, c - y0, y0);
        cairo_line_to(cr, c - y1, y1);
    }
    set_color(cr, s.hatch);
    cairo_set_line_width(cr, kHatchWidth);
    cairo_stroke(cr);
    cairo_restore(cr);
}

void paint(cairo_t* cr, const RectShape& s) {
    if (s.fill.a > 0) {
        rounded_rect(cr, s.rect, s.radius);
        set_color(cr, s.fill);
        cairo_fill(cr);
    }
    if (s.hatched) hatch(cr, s);
    if (s.stroke.a > 0 && s.stroke_width > 0) {
        rounded_rect(cr, s.rect, s.radius);
        set_color(cr, s.stroke);
        cairo_set_line_width(cr, s.stroke_width);
        cairo_stroke(cr);
    }
}

void paint(cairo_t* cr, const TextShape& s) {
    const LayoutPtr layout = make_label(s.text, s.style);
    PangoRectangle logical;
    pango_layout_get_extents(layout.get(), nullptr, &logical);
    const double width = from_pango(logical.width);
    double x = s.at.x;
    if (s.h == HAlign::center) x -= width / 2;
    if (s.h == HAlign::right) x -= width;
    set_color(cr, s.color);
    cairo_move_to(cr, x, baseline_y(s));
    pango_cairo_show_layout_line(cr, pango_layout_get_line_readonly(layout.get(), 0));
}

void paint(cairo_t* cr, const LineShape& s) {
    if (s.points.size() < 2) return;
    cairo_new_path(cr);
    for (const Point p : s.points) cairo_line_to(cr, p.x, p.y);
    set_color(cr, s.color);
    cairo_set_line_width(cr, s.width);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(cr, s.dash.data(), static_cast<int>(s.dash.size()), 0);
    cairo_stroke(cr);
    cairo_set_dash(cr, nullptr, 0, 0);
}

void paint(cairo_t* cr, const PolygonShape& s) {
    cairo_new_path(cr);
    for (const Point p : s.points) cairo_line_to(cr, p.x, p.y);
    cairo_close_path(cr);
    set_color(cr, s.fill);
    cairo_fill(cr);
}

void paint(cairo_t* cr, const CircleShape& s) {
    cairo_new_path(cr);
    cairo_arc(cr, s.center.x, s.center.y, s.radius, 0, 2 * std::numbers::pi);
    if (s.fill.a > 0) {
        set_color(cr, s.fill);
        cairo_fill_preserve(cr);
    }
    if (s.stroke.a > 0 && s.stroke_width > 0) {
        set_color(cr, s.stroke);
        cairo_set_line_width(cr, s.stroke_width);
        cairo_stroke(cr);
    }
    cairo_new_path(cr);
}

void paint(cairo_t* cr, const RibbonShape& s) {
    const double xm = (s.x0 + s.x1) / 2;
    cairo_new_path(cr);
    cairo_move_to(cr, s.x0, s.top0);
    cairo_curve_to(cr, xm, s.top0, xm, s.top1, s.x1, s.top1);
    cairo_line_to(cr, s.x1, s.bottom1);
    cairo_curve_to(cr, xm, s.bottom1, xm, s.bottom0, s.x0, s.bottom0);
    cairo_close_path(cr);
    set_color(cr, s.fill);
    cairo_fill(cr);
}

}  // namespace

void paint_shapes(const Figure& figure, cairo_t* cr) {
    set_color(cr, figure.background);
    cairo_paint(cr);
    for (const Mark& mark : figure.marks)
        std::visit([cr](const auto& shape) { paint(cr, shape); }, mark.shape);
}

}  // namespace alluvium
