#include "analysis/figures/figure.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace alluvium {
namespace {

// Metrics of Noto Sans, in units of the size.
constexpr double kAscent = 1.069;
constexpr double kDescent = 0.293;
constexpr double kCapitalHeight = 0.714;

// Anything thinner than this could not be pointed at.
constexpr double kPointerSlack = 2;

double distance_to_segment(Point p, Point a, Point b) {
    const double dx = b.x - a.x, dy = b.y - a.y;
    const double length2 = dx * dx + dy * dy;
    double t = length2 > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2 : 0;
    t = std::clamp(t, 0.0, 1.0);
    return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

bool hit(const RectShape& s, Point p) {
    return s.rect.contains(p);
}

// Text carries no numbers of its own: it is never what a pointer means.
bool hit(const TextShape&, Point) {
    return false;
}

bool hit(const LineShape& s, Point p) {
    for (std::size_t i = 1; i < s.points.size(); ++i) {
        const double reach = s.width / 2 + kPointerSlack;
        if (distance_to_segment(p, s.points[i - 1], s.points[i]) <= reach) return true;
    }
    return false;
}

bool hit(const PolygonShape& s, Point p) {
    bool inside = false;
    for (std::size_t i = 0, j = s.points.size() - 1; i < s.points.size(); j = i++) {
        const Point a = s.points[i], b = s.points[j];
        if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
            inside = !inside;
    }
    return inside;
}

bool hit(const CircleShape& s, Point p) {
    return std::hypot(p.x - s.center.x, p.y - s.center.y) <= s.radius + kPointerSlack;
}

bool hit(const RibbonShape& s, Point p) {
    if (p.x < s.x0 || p.x > s.x1) return false;
    const Extent e = ribbon_at(s, p.x);
    return p.y >= e.top && p.y <= e.bottom;
}

Rect around(const std::vector<Point>& points) {
    double x0 = std::numeric_limits<double>::infinity(), y0 = x0, x1 = -x0, y1 = -x0;
    for (const Point p : points) {
        x0 = std::min(x0, p.x);
        x1 = std::max(x1, p.x);
        y0 = std::min(y0, p.y);
        y1 = std::max(y1, p.y);
    }
    return {x0, y0, x1 - x0, y1 - y0};
}

Rect bounds_of(const RectShape& s, const TextMeter&) {
    return s.rect;
}
Rect bounds_of(const TextShape& s, const TextMeter& meter) {
    return text_box(s, meter);
}
Rect bounds_of(const LineShape& s, const TextMeter&) {
    return around(s.points);
}
Rect bounds_of(const PolygonShape& s, const TextMeter&) {
    return around(s.points);
}
Rect bounds_of(const CircleShape& s, const TextMeter&) {
    return {s.center.x - s.radius, s.center.y - s.radius, 2 * s.radius, 2 * s.radius};
}
Rect bounds_of(const RibbonShape& s, const TextMeter&) {
    return around({{s.x0, s.top0}, {s.x0, s.bottom0}, {s.x1, s.top1}, {s.x1, s.bottom1}});
}

}  // namespace

Theme light_theme() {
    return {.dark = false,
            .background = {255, 255, 255},
            .text = {28, 33, 48},
            .muted = {91, 100, 116},
            .grid = {226, 229, 235},
            .panel = {244, 245, 248},
            .missing = {228, 230, 234},
            .accent = {36, 90, 158}};
}

Theme dark_theme() {
    return {.dark = true,
            .background = {20, 23, 29},
            .text = {232, 234, 240},
            .muted = {158, 167, 182},
            .grid = {48, 54, 64},
            .panel = {28, 33, 41},
            .missing = {62, 68, 79},
            .accent = {127, 176, 255}};
}

double baseline_y(const TextShape& text) {
    const double size = text.style.size;
    switch (text.v) {
        case VAlign::top:
            return text.at.y + kAscent * size;
        case VAlign::middle:
            return text.at.y + kCapitalHeight / 2 * size;
        case VAlign::bottom:
            return text.at.y - kDescent * size;
        case VAlign::baseline:
            break;
    }
    return text.at.y;
}

Rect text_box(const TextShape& text, const TextMeter& meter) {
    const double width = meter(text.text, text.style).width;
    double x = text.at.x;
    if (text.h == HAlign::center) x -= width / 2;
    if (text.h == HAlign::right) x -= width;
    const double size = text.style.size;
    return {x, baseline_y(text) - kAscent * size, width, (kAscent + kDescent) * size};
}

Extent ribbon_at(const RibbonShape& ribbon, double x) {
    // x(t) = x0 + dx (1.5 t (1 - t) + t^3), y(t) = y0 + dy (3 t^2 - 2 t^3); x(t) rises with t.
    const double dx = ribbon.x1 - ribbon.x0;
    double low = 0, high = 1;
    for (int i = 0; i < 30 && dx > 0; ++i) {
        const double t = (low + high) / 2;
        const double at = ribbon.x0 + dx * (1.5 * t * (1 - t) + t * t * t);
        (at < x ? low : high) = t;
    }
    const double t = (low + high) / 2;
    const double y = t * t * (3 - 2 * t);
    return {ribbon.top0 + (ribbon.top1 - ribbon.top0) * y,
            ribbon.bottom0 + (ribbon.bottom1 - ribbon.bottom0) * y};
}

Rect bounds(const Shape& shape, const TextMeter& meter) {
    return std::visit([&](const auto& s) { return bounds_of(s, meter); }, shape);
}

const Datum* hit_test(const Figure& figure, Point p) {
    for (auto mark = figure.marks.rbegin(); mark != figure.marks.rend(); ++mark) {
        if (mark->datum < 0) continue;
        if (std::visit([p](const auto& s) { return hit(s, p); }, mark->shape))
            return &figure.data[static_cast<std::size_t>(mark->datum)];
    }
    return nullptr;
}

}  // namespace alluvium
