#define IMGUI_DEFINE_MATH_OPERATORS
#include "app/painters/imgui_painter.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <imgui_internal.h>

#include "app/painters/shape_painter.h"
#include "app/painters/text.h"

namespace alluvium {
namespace {

// Pixels below which text is a blur and costs more than it tells.
constexpr float kSmallestText = 4;
// Width of the soft edge of filled shapes, as ImGui's own.
constexpr float kFringe = 1;

Color faded(Color color, float by) {
    color.a = static_cast<std::uint8_t>(std::lround(static_cast<float>(color.a) * by));
    return color;
}

class Painter {
  public:
    Painter(const Placement& place, ImDrawList& list, ScreenText& text)
        : place_(place), list_(list), text_(text) {}

    void operator()(const RectShape& shape);
    void operator()(const TextShape& shape);
    void operator()(const LineShape& shape);
    void operator()(const PolygonShape& shape);
    void operator()(const CircleShape& shape);
    void operator()(const RibbonShape& shape);

  private:
    float length(double points) const { return place_.scale * static_cast<float>(points); }
    ImVec2 at(double x, double y) const { return place_.to_screen({x, y}); }
    std::vector<ImVec2> at(const std::vector<Point>& points) const;
    // What a stroke of `width` points becomes: never thinner than a pixel, then fainter instead.
    float stroke(double width, Color& color) const;
    void hatch(ImVec2 low, ImVec2 high, Color color);
    void dashes(const std::vector<ImVec2>& points, const LineShape& shape, Color color,
                float thickness);

    const Placement& place_;
    ImDrawList& list_;
    ScreenText& text_;
};

std::vector<ImVec2> Painter::at(const std::vector<Point>& points) const {
    std::vector<ImVec2> pixels;
    pixels.reserve(points.size());
    for (const Point& point : points) pixels.push_back(place_.to_screen(point));
    return pixels;
}

float Painter::stroke(double width, Color& color) const {
    const float thickness = length(width);
    if (thickness < 1) color = faded(color, std::max(thickness, 0.35F));
    return std::max(thickness, 1.0F);
}

void Painter::operator()(const RectShape& shape) {
    const ImVec2 low = at(shape.rect.x, shape.rect.y);
    const ImVec2 high = at(shape.rect.x + shape.rect.width, shape.rect.y + shape.rect.height);
    const float radius = length(shape.radius);
    if (shape.fill.a > 0) list_.AddRectFilled(low, high, to_im(shape.fill), radius);
    if (shape.hatched) hatch(low, high, shape.hatch);
    if (shape.stroke.a == 0 || shape.stroke_width <= 0) return;
    Color color = shape.stroke;
    const float thickness = stroke(shape.stroke_width, color);
    list_.AddRect(low, high, to_im(color), radius, thickness);
}

void Painter::hatch(ImVec2 low, ImVec2 high, Color color) {
    const float step = std::max(length(kHatchStep), 3.0F);
    const float thickness = stroke(kHatchWidth, color);
    list_.PushClipRect(low, high, true);
    const ImVec2 from = list_.GetClipRectMin(), to = list_.GetClipRectMax();
    // Lines x + y = n * step: those of neighbouring cells continue each other.
    const float last = to.x + to.y;
    for (float sum = std::ceil((from.x + from.y) / step) * step; sum < last; sum += step) {
        list_.AddLine({sum - to.y, to.y}, {sum - from.y, from.y}, to_im(color), thickness);
    }
    list_.PopClipRect();
}

void Painter::operator()(const TextShape& shape) {
    TextStyle style = shape.style;
    style.size = length(style.size);
    if (style.size < kSmallestText) return;
    float x = place_.to_screen(shape.at).x;
    if (shape.h != HAlign::left) {
        const float width = text_.measure(shape.text, style).x;
        x -= shape.h == HAlign::center ? width / 2 : width;
    }
    text_.draw(list_, {x, at(0, baseline_y(shape)).y}, shape.text, style, shape.color);
}

void Painter::operator()(const LineShape& shape) {
    Color color = shape.color;
    const float thickness = stroke(shape.width, color);
    const std::vector<ImVec2> points = at(shape.points);
    if (!shape.dash.empty()) return dashes(points, shape, color, thickness);
    list_.AddPolyline(points.data(), static_cast<int>(points.size()), to_im(color), thickness);
}

void Painter::dashes(const std::vector<ImVec2>& points, const LineShape& shape, Color color,
                     float thickness) {
    std::size_t phase = 0;
    float left = std::max(length(shape.dash[0]), 1.0F);
    for (std::size_t i = 0; i + 1 < points.size(); ++i) {
        const ImVec2 along = points[i + 1] - points[i];
        const float whole = std::sqrt(along.x * along.x + along.y * along.y);
        for (float done = 0; done < whole;) {
            const float piece = std::min(left, whole - done);
            const bool drawn = phase % 2 == 0;
            if (drawn) {
                list_.AddLine(points[i] + along * (done / whole),
                              points[i] + along * ((done + piece) / whole), to_im(color),
                              thickness);
            }
            done += piece;
            left -= piece;
            if (left > 0) break;
            phase = (phase + 1) %
                    (shape.dash.size() % 2 == 0 ? shape.dash.size() : 2 * shape.dash.size());
            left = std::max(length(shape.dash[phase % shape.dash.size()]), 1.0F);
        }
    }
}

void Painter::operator()(const PolygonShape& shape) {
    const std::vector<ImVec2> points = at(shape.points);
    list_.AddConcavePolyFilled(points.data(), static_cast<int>(points.size()), to_im(shape.fill));
}

void Painter::operator()(const CircleShape& shape) {
    const ImVec2 center = place_.to_screen(shape.center);
    const float radius = std::max(length(shape.radius), 1.0F);
    if (shape.fill.a > 0) list_.AddCircleFilled(center, radius, to_im(shape.fill));
    if (shape.stroke.a == 0 || shape.stroke_width <= 0) return;
    Color color = shape.stroke;
    const float thickness = stroke(shape.stroke_width, color);
    list_.AddCircle(center, radius, to_im(color), 0, thickness);
}

// Edge points of a ribbon from left to right, in pixels.
struct Slat {
    float x, top, bottom;
};

std::vector<Slat> slats(const RibbonShape& shape, const Placement& place) {
    const float width = place.scale * static_cast<float>(shape.x1 - shape.x0);
    const int pieces = std::clamp(static_cast<int>(width / 6), 6, 48);
    std::vector<Slat> out;
    out.reserve(static_cast<std::size_t>(pieces) + 1);
    // The curves of ribbon_at() by their parameter: finding it for a given x costs thirty times as
    // much, and circuits have tens of thousands of ribbons.
    for (int i = 0; i <= pieces; ++i) {
        const double t = static_cast<double>(i) / pieces;
        const double along = t * (1.5 * (1 - t) + t * t);
        const double across = t * t * (3 - 2 * t);
        const Point top{shape.x0 + (shape.x1 - shape.x0) * along,
                        shape.top0 + (shape.top1 - shape.top0) * across};
        const double bottom = shape.bottom0 + (shape.bottom1 - shape.bottom0) * across;
        const ImVec2 at = place.to_screen(top);
        out.push_back({at.x, at.y, place.to_screen({top.x, bottom}).y});
    }
    return out;
}

void Painter::operator()(const RibbonShape& shape) {
    const std::vector<Slat> all = slats(shape, place_);
    Color color = shape.fill;
    const ImVec2 uv = ImGui::GetDrawListSharedData()->TexUvWhitePixel;
    const auto pieces = static_cast<int>(all.size()) - 1;
    list_.PrimReserve(pieces * 18, (pieces + 1) * 4);
    const auto first = static_cast<unsigned>(list_._VtxCurrentIdx);
    for (const Slat& slat : all) {
        // Thinner than a pixel: as wide as one, and fainter by as much.
        const float thickness = slat.bottom - slat.top;
        const float missing = std::max(0.0F, kFringe - thickness);
        const ImU32 inner = to_im(faded(color, std::min(1.0F, thickness / kFringe)));
        const ImU32 outer = inner & ~IM_COL32_A_MASK;
        const float soft = kFringe / 2;
        const float top = slat.top - missing / 2, bottom = slat.bottom + missing / 2;
        list_.PrimWriteVtx({slat.x, top - soft}, uv, outer);
        list_.PrimWriteVtx({slat.x, std::min(top + soft, (top + bottom) / 2)}, uv, inner);
        list_.PrimWriteVtx({slat.x, std::max(bottom - soft, (top + bottom) / 2)}, uv, inner);
        list_.PrimWriteVtx({slat.x, bottom + soft}, uv, outer);
    }
    for (unsigned piece = 0; piece < static_cast<unsigned>(pieces); ++piece) {
        for (unsigned band = 0; band < 3; ++band) {
            const unsigned a = first + piece * 4 + band;
            for (const unsigned corner : {a, a + 1, a + 5, a, a + 5, a + 4}) {
                list_.PrimWriteIdx(static_cast<ImDrawIdx>(corner));
            }
        }
    }
}

// Outlines.
class Outliner {
  public:
    Outliner(const Placement& place, ImDrawList& list, ImU32 color, float thickness)
        : place_(place), list_(list), color_(color), thickness_(thickness) {}

    void operator()(const RectShape& shape) {
        const Rect& r = shape.rect;
        list_.AddRect(place_.to_screen({r.x, r.y}),
                      place_.to_screen({r.x + r.width, r.y + r.height}), color_,
                      place_.scale * static_cast<float>(shape.radius), thickness_);
    }
    void operator()(const CircleShape& shape) {
        const float radius = place_.scale * static_cast<float>(shape.radius);
        list_.AddCircle(place_.to_screen(shape.center), radius + thickness_, color_, 0, thickness_);
    }
    void operator()(const RibbonShape& shape) {
        const std::vector<Slat> all = slats(shape, place_);
        std::vector<ImVec2> top, bottom;
        for (const Slat& slat : all) {
            top.push_back({slat.x, slat.top});
            bottom.push_back({slat.x, slat.bottom});
        }
        line(top);
        line(bottom);
    }
    void operator()(const PolygonShape& shape) { line(pixels(shape.points)); }
    void operator()(const LineShape& shape) { line(pixels(shape.points)); }
    void operator()(const TextShape&) {}

  private:
    std::vector<ImVec2> pixels(const std::vector<Point>& points) const {
        std::vector<ImVec2> out;
        for (const Point& point : points) out.push_back(place_.to_screen(point));
        return out;
    }
    void line(const std::vector<ImVec2>& points) {
        list_.AddPolyline(points.data(), static_cast<int>(points.size()), color_, thickness_);
    }

    const Placement& place_;
    ImDrawList& list_;
    ImU32 color_;
    float thickness_;
};

// Minus infinity where a mark stands for no layer.
double layer_of(const Figure& figure, const Mark& mark) {
    const int layer = mark.datum < 0 ? -1 : figure.data[static_cast<std::size_t>(mark.datum)].layer;
    return layer < 0 ? -std::numeric_limits<double>::infinity() : layer;
}

// To the first `share` of its way.
void clip_ribbon(const RibbonShape& ribbon, double share, const Placement& place,
                 ImDrawList& list) {
    const float x0 = place.to_screen({ribbon.x0, 0}).x;
    const float x1 = place.to_screen({ribbon.x0 + (ribbon.x1 - ribbon.x0) * share, 0}).x;
    list.PushClipRect({std::min(x0, x1), list.GetClipRectMin().y},
                      {std::max(x0, x1), list.GetClipRectMax().y}, true);
}

}  // namespace

void paint_figure(const Figure& figure, const Placement& placement, ImDrawList& list,
                  ScreenText& text, double until_layer) {
    // A rough width is enough to leave out what is out of sight: real ones cost a layout each.
    const TextMeter rough = [](std::string_view words, const TextStyle& style) {
        return Size{style.size * static_cast<double>(words.size()), style.size * 2};
    };
    const Point low = placement.to_figure(list.GetClipRectMin());
    const Point high = placement.to_figure(list.GetClipRectMax());
    Painter painter(placement, list, text);
    for (const Mark& mark : figure.marks) {
        const Rect box = bounds(mark.shape, rough);
        const bool visible = box.x <= high.x && box.x + box.width >= low.x && box.y <= high.y &&
                             box.y + box.height >= low.y;
        if (!visible) continue;
        const double come = until_layer - layer_of(figure, mark);
        if (come < 0) continue;
        const auto* ribbon = std::get_if<RibbonShape>(&mark.shape);
        const bool part = ribbon != nullptr && come < 1;
        if (part) clip_ribbon(*ribbon, come, placement, list);
        std::visit(painter, mark.shape);
        if (part) list.PopClipRect();
    }
}

void outline_datum(const Figure& figure, int datum, const Placement& placement, ImDrawList& list,
                   Color color, float thickness) {
    Outliner outliner(placement, list, to_im(color), thickness);
    for (const Mark& mark : figure.marks) {
        if (mark.datum == datum) std::visit(outliner, mark.shape);
    }
}

}  // namespace alluvium
