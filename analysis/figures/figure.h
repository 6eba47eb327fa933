#pragma once
// A figure is data first: a list of shapes in points (1/72 inch; y grows downwards), each with the
// numbers it shows attached. The same Figure is painted to the screen, to SVG, PDF and PNG.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace alluvium {

struct Color {
    std::uint8_t r = 0, g = 0, b = 0, a = 255;
    bool operator==(const Color&) const = default;
};

struct Point {
    double x = 0, y = 0;
};

struct Size {
    double width = 0, height = 0;
};

struct Rect {
    double x = 0, y = 0, width = 0, height = 0;
    bool contains(Point p) const {
        return p.x >= x && p.x < x + width && p.y >= y && p.y < y + height;
    }
};

enum class HAlign { left, center, right };
enum class VAlign { top, middle, bottom, baseline };

struct TextStyle {
    double size = 10;  // points
    bool bold = false;
    bool tabular = false;       // figures of equal width
    std::string language = {};  // BCP 47; picks the CJK forms and the shaping. Empty: English
};

struct RectShape {
    Rect rect;
    Color fill;                   // a == 0: not filled
    Color stroke = {0, 0, 0, 0};  // a == 0: no outline
    double stroke_width = 0;
    double radius = 0;
    bool hatched = false;  // a missing value: diagonal lines over the fill
    Color hatch = {128, 128, 128};
};

// One line of text; see text_box() for where it lies.
struct TextShape {
    Point at;
    std::string text;  // UTF-8
    TextStyle style;
    Color color;
    HAlign h = HAlign::left;
    VAlign v = VAlign::baseline;
};

struct LineShape {
    std::vector<Point> points;
    Color color;
    double width = 1;
    std::vector<double> dash = {};  // lengths on, off, ...; empty: solid
};

struct PolygonShape {
    std::vector<Point> points;
    Color fill;
};

struct CircleShape {
    Point center;
    double radius = 2;
    Color fill;
    Color stroke = {0, 0, 0, 0};
    double stroke_width = 0;
};

// A band from x0 to x1 whose two edges are cubic curves with horizontal tangents: it leaves at
// [top0, bottom0] and arrives at [top1, bottom1].
struct RibbonShape {
    double x0 = 0, top0 = 0, bottom0 = 0;
    double x1 = 0, top1 = 0, bottom1 = 0;
    Color fill;
};

using Shape = std::variant<RectShape, TextShape, LineShape, PolygonShape, CircleShape, RibbonShape>;

// One named number behind a shape, for hovering and for --data: ("share", 0.41, "").
struct Value {
    std::string name;
    double number = 0;      // not finite: missing
    std::string text = {};  // used instead of the number where not empty
};

// What a shape stands for. -1 / empty: not of that kind.
struct Datum {
    std::string kind;  // "cell", "node", "ribbon", "point", ...
    int layer = -1;
    int expert = -1;
    int to_expert = -1;  // ribbons
    std::string group;   // language, family, ...
    std::vector<Value> values;
};

struct Mark {
    Shape shape;
    int datum = -1;  // index into Figure::data; -1: decoration
};

struct Theme {
    bool dark = false;
    Color background, text, muted, grid, panel, missing, accent;
};
Theme light_theme();
Theme dark_theme();

struct Figure {
    double width = 0, height = 0;
    Color background;
    std::string name;         // "heatmap", "divergence", "circuit", ...
    std::string title;        // the finding; also drawn as a mark
    std::string subtitle;     // measure, sample, chance; also drawn
    std::vector<Mark> marks;  // painted in order
    std::vector<Datum> data;
};

// Size of one line of text; given by the painter, so that layout and painting agree.
using TextMeter = std::function<Size(std::string_view text, const TextStyle& style)>;

// Where a line of text lies. Vertical places follow from the size alone, so that all scripts of a
// row stand on one baseline: `middle` centres the capitals on at.y, `top` puts the ascender there,
// `bottom` the descender.
double baseline_y(const TextShape& text);
Rect text_box(const TextShape& text, const TextMeter& meter);

// Upper and lower edge of a ribbon at `x`, which must lie in x0..x1. Painters draw each edge as the
// cubic whose control points lie half way, at the heights of its two ends.
struct Extent {
    double top = 0, bottom = 0;
};
Extent ribbon_at(const RibbonShape& ribbon, double x);

// The smallest rectangle around a shape's geometry; strokes stick out by half their width.
Rect bounds(const Shape& shape, const TextMeter& meter);

// The datum of the topmost mark with data under `p`, or nullptr.
const Datum* hit_test(const Figure& figure, Point p);

// The figure's numbers: one row per datum, a header row, RFC 4180 CSV.
std::string figure_csv(const Figure& figure);

}  // namespace alluvium
