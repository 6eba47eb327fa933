// SVG by hand rather than through Cairo: native rectangles and lines, every distinct label outlined
// once, title and description for screen readers, and the numbers behind each mark as a tooltip.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <unordered_map>

#include "analysis/figures/numbers.h"
#include "app/painters/cairo_painter.h"
#include "app/painters/shape_painter.h"
#include "app/painters/text_layout.h"

namespace alluvium {
namespace {

// Tooltips double the size of a file; above this many marks they are left out.
constexpr std::size_t kMaxTooltips = 6000;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // XML 1.0 has no other control characters.
                if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
        }
    }
    return out;
}

// Hundredths of a point, without trailing zeros.
std::string number(double value) {
    char buffer[32];
    const double rounded = std::round(value * 100) / 100;
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, rounded == 0 ? 0 : rounded).ptr};
}

std::string pair(double x, double y) {
    return number(x) + ' ' + number(y);
}

std::string hex(Color c) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "#%02x%02x%02x", c.r, c.g, c.b);
    return buffer;
}

std::string paint_attribute(const char* name, Color c) {
    if (c.a == 0) return std::string(" ") + name + "=\"none\"";
    std::string out = std::string(" ") + name + "=\"" + hex(c) + '"';
    if (c.a < 255) out += std::string(" ") + name + "-opacity=\"" + number(c.a / 255.0) + '"';
    return out;
}

std::string attribute(const char* name, double value) {
    return std::string(" ") + name + "=\"" + number(value) + '"';
}

// The outline of a label whose baseline starts at 0, 0.
std::string outline(PangoLayout* layout) {
    cairo_surface_t* surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, nullptr);
    cairo_t* cr = cairo_create(surface);
    cairo_set_tolerance(cr, 0.01);
    cairo_move_to(cr, 0, 0);
    pango_cairo_layout_line_path(cr, pango_layout_get_line_readonly(layout, 0));
    cairo_path_t* path = cairo_copy_path(cr);
    std::string out;
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t* d = &path->data[i];
        switch (d->header.type) {
            case CAIRO_PATH_MOVE_TO:
                out += 'M' + pair(d[1].point.x, d[1].point.y);
                break;
            case CAIRO_PATH_LINE_TO:
                out += 'L' + pair(d[1].point.x, d[1].point.y);
                break;
            case CAIRO_PATH_CURVE_TO:
                out += 'C' + pair(d[1].point.x, d[1].point.y) + ' ' +
                       pair(d[2].point.x, d[2].point.y) + ' ' + pair(d[3].point.x, d[3].point.y);
                break;
            case CAIRO_PATH_CLOSE_PATH:
                out += 'Z';
                break;
        }
    }
    cairo_path_destroy(path);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return out;
}

class SvgWriter {
  public:
    explicit SvgWriter(const Figure& figure) : figure_(figure) {}

    std::string write() {
        for (const Mark& mark : figure_.marks) {
            tooltip_ = tooltip(mark);
            std::visit([this](const auto& shape) { add(shape); }, mark.shape);
        }
        return head() + "<defs>\n" + definitions_ + "</defs>\n" + body_ + "</svg>\n";
    }

  private:
    std::string head() const {
        const std::string width = number(figure_.width), height = number(figure_.height);
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<svg xmlns=\"http://www.w3.org/2000/svg\" "
               "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"" +
               width + "pt\" height=\"" + height + "pt\" viewBox=\"0 0 " + width + ' ' + height +
               "\" role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">" +
               escaped(figure_.title) + "</title>\n<desc id=\"desc\">" + escaped(figure_.subtitle) +
               "</desc>\n<rect width=\"" + width + "\" height=\"" + height + "\" fill=\"" +
               hex(figure_.background) + "\"/>\n";
    }

    std::string tooltip(const Mark& mark) const {
        if (mark.datum < 0 || figure_.data.size() > kMaxTooltips) return {};
        return "<title>" + escaped(datum_text(figure_.data[static_cast<std::size_t>(mark.datum)])) +
               "</title>";
    }

    void element(const std::string& name, const std::string& attributes) {
        body_ += '<' + name + attributes;
        body_ += tooltip_.empty() ? "/>\n" : '>' + tooltip_ + "</" + name + ">\n";
    }

    void add(const RectShape& s) {
        std::string place = attribute("x", s.rect.x) + attribute("y", s.rect.y) +
                            attribute("width", s.rect.width) + attribute("height", s.rect.height);
        if (s.radius > 0) place += attribute("rx", s.radius);
        std::string look = paint_attribute("fill", s.fill);
        if (s.stroke.a > 0 && s.stroke_width > 0)
            look += paint_attribute("stroke", s.stroke) + attribute("stroke-width", s.stroke_width);
        element("rect", place + look);
        if (s.hatched)
            body_ += "<rect" + place + " pointer-events=\"none\" fill=\"url(#" + hatch(s.hatch) +
                     ")\"/>\n";
    }

    std::string hatch(Color color) {
        const std::string id = "hatch-" + hex(color).substr(1);
        if (!patterns_.emplace(id, 0).second) return id;
        const std::string step = number(kHatchStep);
        definitions_ += "<pattern id=\"" + id + "\" width=\"" + step + "\" height=\"" + step +
                        "\" patternUnits=\"userSpaceOnUse\"><path d=\"M-1 1L1 -1M0 " + step + 'L' +
                        step + " 0M" + pair(kHatchStep - 1, kHatchStep + 1) + 'L' +
                        pair(kHatchStep + 1, kHatchStep - 1) + '"' +
                        paint_attribute("stroke", color) + attribute("stroke-width", kHatchWidth) +
                        "/></pattern>\n";
        return id;
    }

    void add(const TextShape& s) {
        const LayoutPtr layout = make_label(s.text, s.style);
        PangoRectangle logical;
        pango_layout_get_extents(layout.get(), nullptr, &logical);
        const double width = from_pango(logical.width);
        const double shift = s.h == HAlign::center ? width / 2 : s.h == HAlign::right ? width : 0;
        const std::string id = label(s, layout.get());
        body_ += "<use xlink:href=\"#" + id + '"' + attribute("x", s.at.x - shift) +
                 attribute("y", baseline_y(s)) + paint_attribute("fill", s.color) +
                 " role=\"img\" aria-label=\"" + escaped(s.text) + "\"/>\n";
    }

    // The id of the label's outline, drawn once however often it stands in the figure.
    std::string label(const TextShape& s, PangoLayout* layout) {
        const std::string key = s.text + '\0' + number(s.style.size) + (s.style.bold ? 'b' : 'r') +
                                (s.style.tabular ? 't' : 'p') + s.style.language;
        const auto [at, is_new] = labels_.emplace(key, "t" + std::to_string(labels_.size()));
        if (is_new)
            definitions_ += "<path id=\"" + at->second + "\" d=\"" + outline(layout) + "\"/>\n";
        return at->second;
    }

    void add(const LineShape& s) {
        std::string d;
        for (const Point p : s.points) d += (d.empty() ? 'M' : 'L') + pair(p.x, p.y);
        std::string look = " fill=\"none\" stroke-linejoin=\"round\"" +
                           paint_attribute("stroke", s.color) + attribute("stroke-width", s.width);
        if (!s.dash.empty()) {
            std::string dash;
            for (const double length : s.dash) dash += (dash.empty() ? "" : " ") + number(length);
            look += " stroke-dasharray=\"" + dash + '"';
        }
        element("path", " d=\"" + d + '"' + look);
    }

    void add(const PolygonShape& s) {
        std::string points;
        for (const Point p : s.points) points += (points.empty() ? "" : " ") + pair(p.x, p.y);
        element("polygon", " points=\"" + points + '"' + paint_attribute("fill", s.fill));
    }

    void add(const CircleShape& s) {
        std::string look = paint_attribute("fill", s.fill);
        if (s.stroke.a > 0 && s.stroke_width > 0)
            look += paint_attribute("stroke", s.stroke) + attribute("stroke-width", s.stroke_width);
        element("circle", attribute("cx", s.center.x) + attribute("cy", s.center.y) +
                              attribute("r", s.radius) + look);
    }

    void add(const RibbonShape& s) {
        const double xm = (s.x0 + s.x1) / 2;
        const std::string d = 'M' + pair(s.x0, s.top0) + 'C' + pair(xm, s.top0) + ' ' +
                              pair(xm, s.top1) + ' ' + pair(s.x1, s.top1) + 'L' +
                              pair(s.x1, s.bottom1) + 'C' + pair(xm, s.bottom1) + ' ' +
                              pair(xm, s.bottom0) + ' ' + pair(s.x0, s.bottom0) + 'Z';
        element("path", " d=\"" + d + '"' + paint_attribute("fill", s.fill));
    }

    const Figure& figure_;
    std::string definitions_, body_, tooltip_;
    std::unordered_map<std::string, std::string> labels_;
    std::unordered_map<std::string, int> patterns_;
};

}  // namespace

std::string figure_svg(const Figure& figure) {
    return SvgWriter(figure).write();
}

}  // namespace alluvium
