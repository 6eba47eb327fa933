#include "analysis/figures/page.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/utf8.h"

namespace alluvium {
namespace {

// Bytes of the longest beginning of `text` that fits; whole characters, at least one.
std::size_t fitting_bytes(std::string_view text, const TextStyle& style, double width,
                          const TextMeter& meter) {
    std::size_t fits = 0;
    for (std::size_t at = 0; at < text.size();) {
        at += std::max<std::size_t>(decode_utf8(text, at).bytes, 1);
        if (fits > 0 && meter(text.substr(0, at), style).width > width) break;
        fits = at;
    }
    return fits;
}

void shift(Point& p, double dx, double dy) {
    p.x += dx;
    p.y += dy;
}

void move_shape(RectShape& s, double dx, double dy) {
    s.rect.x += dx;
    s.rect.y += dy;
}
void move_shape(TextShape& s, double dx, double dy) {
    shift(s.at, dx, dy);
}
void move_shape(LineShape& s, double dx, double dy) {
    for (Point& p : s.points) shift(p, dx, dy);
}
void move_shape(PolygonShape& s, double dx, double dy) {
    for (Point& p : s.points) shift(p, dx, dy);
}
void move_shape(CircleShape& s, double dx, double dy) {
    shift(s.center, dx, dy);
}
void move_shape(RibbonShape& s, double dx, double dy) {
    s.x0 += dx;
    s.x1 += dx;
    for (double* y : {&s.top0, &s.bottom0, &s.top1, &s.bottom1}) *y += dy;
}

// Non-decreasing values nearest to `z` in least squares: neighbours out of order are pooled.
std::vector<double> isotonic(std::span<const double> z) {
    struct Pool {
        double sum = 0;
        std::size_t count = 0;
        double mean() const { return sum / static_cast<double>(count); }
    };
    std::vector<Pool> pools;
    for (const double value : z) {
        Pool pool{value, 1};
        while (!pools.empty() && pools.back().mean() > pool.mean()) {
            pool.sum += pools.back().sum;
            pool.count += pools.back().count;
            pools.pop_back();
        }
        pools.push_back(pool);
    }
    std::vector<double> out;
    for (const Pool& pool : pools) out.insert(out.end(), pool.count, pool.mean());
    return out;
}

}  // namespace

std::vector<std::string> wrap_text(std::string_view text, const TextStyle& style, double width,
                                   const TextMeter& meter) {
    std::vector<std::string> lines;
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t space = std::min(text.find(' ', at), text.size());
        std::string_view word = text.substr(at, space - at);
        at = space + 1;
        if (word.empty()) continue;
        const std::string longer =
            line.empty() ? std::string(word) : line + ' ' + std::string(word);
        if (meter(longer, style).width <= width) {
            line = longer;
            continue;
        }
        if (!line.empty()) lines.push_back(std::move(line));
        while (meter(word, style).width > width) {
            const std::size_t bytes = fitting_bytes(word, style, width, meter);
            if (bytes == word.size()) break;
            lines.emplace_back(word.substr(0, bytes));
            word.remove_prefix(bytes);
        }
        line = word;
    }
    if (!line.empty()) lines.push_back(std::move(line));
    return lines;
}

std::string shortened(std::string_view text, const TextStyle& style, double width,
                      const TextMeter& meter) {
    if (meter(text, style).width <= width) return std::string(text);
    const std::string ellipsis = "\u2026";
    const double room = width - meter(ellipsis, style).width;
    std::string_view begin = text.substr(0, fitting_bytes(text, style, room, meter));
    while (!begin.empty() && begin.back() == ' ') begin.remove_suffix(1);
    return std::string(begin) + ellipsis;
}

std::vector<double> spread_boxes(std::span<const double> wanted, std::span<const double> heights,
                                 double low, double high) {
    const std::size_t n = wanted.size();
    if (n == 0) return {};
    // Distance of each centre from the first when all boxes touch; taking it off turns "must not
    // overlap" into "must not fall".
    std::vector<double> offset(n, 0.0);
    for (std::size_t i = 1; i < n; ++i)
        offset[i] = offset[i - 1] + (heights[i - 1] + heights[i]) / 2;
    const double first = low + heights.front() / 2;
    const double room = std::max(0.0, high - heights.back() / 2 - first);
    const double squeeze = offset.back() > room ? room / offset.back() : 1;
    std::vector<double> z(n);
    for (std::size_t i = 0; i < n; ++i) z[i] = wanted[i] - offset[i] * squeeze;
    std::vector<double> out = isotonic(z);
    const double last = first + room - offset.back() * squeeze;
    for (std::size_t i = 0; i < n; ++i)
        out[i] = std::clamp(out[i], first, std::max(first, last)) + offset[i] * squeeze;
    return out;
}

std::vector<double> spread_labels(std::span<const double> wanted, double height, double low,
                                  double high) {
    const std::size_t n = wanted.size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
    std::vector<double> sorted;
    for (const std::size_t i : order) sorted.push_back(wanted[i]);
    const std::vector<double> placed =
        spread_boxes(sorted, std::vector<double>(n, height), low, high);
    std::vector<double> out(n);
    for (std::size_t i = 0; i < n; ++i) out[order[i]] = placed[i];
    return out;
}

Page::Page(std::string name, double width, const Theme& theme, TextMeter meter)
    : theme_(theme), meter_(std::move(meter)) {
    figure_.name = std::move(name);
    figure_.width = width;
    figure_.background = theme.background;
}

void Page::add(Shape shape, int datum) {
    figure_.marks.push_back({std::move(shape), datum});
}

int Page::datum(Datum datum) {
    figure_.data.push_back(std::move(datum));
    return static_cast<int>(figure_.data.size()) - 1;
}

void Page::text(std::string_view text, const TextStyle& style, Color color, const Label& label) {
    add(TextShape{label.at, std::string(text), style, color, label.h, label.v});
}

double Page::paragraph(std::string_view words, const TextStyle& style, Color color,
                       const Rect& into) {
    double y = into.y;
    for (const std::string& line : wrap_text(words, style, into.width, meter_)) {
        text(line, style, color, {{into.x, y}, HAlign::left, VAlign::top});
        y += kLeading * style.size;
    }
    return y;
}

double Page::heading(std::string title, std::string subtitle) {
    constexpr double kSpace = 4, kBelow = 14;
    entitle(std::move(title), std::move(subtitle));
    const double room = width() - 2 * kMargin;
    double y = paragraph(figure_.title, {kTitleSize, true, false, {}}, theme_.text,
                         {kMargin, kMargin - kSpace, room, 0});
    y = paragraph(figure_.subtitle, body_style(), theme_.muted, {kMargin, y + kSpace, room, 0});
    return y + kBelow;
}

void Page::entitle(std::string title, std::string subtitle) {
    figure_.title = std::move(title);
    figure_.subtitle = std::move(subtitle);
}

void Page::insert(Page&& other, double dx, double dy) {
    const int offset = static_cast<int>(figure_.data.size());
    for (Mark& mark : other.figure_.marks) {
        std::visit([dx, dy](auto& shape) { move_shape(shape, dx, dy); }, mark.shape);
        if (mark.datum >= 0) mark.datum += offset;
        figure_.marks.push_back(std::move(mark));
    }
    std::move(other.figure_.data.begin(), other.figure_.data.end(),
              std::back_inserter(figure_.data));
}

Figure Page::finish(double height) && {
    figure_.height = height;
    return std::move(figure_);
}

}  // namespace alluvium
