#include "analysis/figures/circuit_parts.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/colors.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/numbers.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

constexpr double kLine = kLeading * kSmallSize;

void draw_frame(Page& page, const Rect& rect, NodeKind kind) {
    const Theme& theme = page.theme();
    RectShape frame{.rect = rect, .fill = {0, 0, 0, 0}};
    switch (kind) {
        case NodeKind::shared: {
            constexpr double kOut = 2;
            frame.rect = {rect.x - kOut, rect.y - kOut, rect.width + 2 * kOut,
                          rect.height + 2 * kOut};
            frame.radius = frame.rect.width / 2;
            frame.stroke = theme.text;
            frame.stroke_width = 0.9;
            break;
        }
        case NodeKind::exclusive: {
            constexpr double kOut = 0.8;  // outside, or it would hide a node of little mass
            frame.rect = {rect.x - kOut, rect.y - kOut, rect.width + 2 * kOut,
                          rect.height + 2 * kOut};
            frame.stroke = theme.text;
            frame.stroke_width = 1.4;
            break;
        }
        case NodeKind::partial:
        case NodeKind::other:
            frame.stroke = theme.muted;
            frame.stroke_width = 0.5;
            break;
    }
    page.add(frame);
}

// Draws a sample at the left of its words; both wrap as one where the row is full.
class KeyRow {
  public:
    KeyRow(Page& page, const Rect& into) : page_(page), into_(into), x_(into.x), y_(into.y) {}

    template <typename Draw>
    void add(double width, const std::string& words, const Draw& sample) {
        constexpr double kApart = 18, kGap = 5;
        const double needed = width + kGap + page_.width_of(words, small_style());
        if (x_ > into_.x && x_ + needed > into_.x + into_.width) {
            x_ = into_.x;
            y_ += kHeight;
        }
        sample(Rect{x_, y_, width, kHeight - 4});
        page_.text(words, small_style(), page_.theme().text,
                   {{x_ + width + kGap, y_ + (kHeight - 4) / 2}, HAlign::left, VAlign::middle});
        x_ += needed + kApart;
    }

    double bottom() const { return y_ + kHeight; }

  private:
    static constexpr double kHeight = 18;
    Page& page_;
    const Rect into_;
    double x_, y_;
};

// Overlap first, last and at its extreme between; NaN where not known.
struct OverlapCourse {
    const LayerSharing* first = nullptr;
    const LayerSharing* last = nullptr;
    const LayerSharing* lowest = nullptr;
    const LayerSharing* highest = nullptr;
};

OverlapCourse course_of(const Circuit& circuit) {
    OverlapCourse c;
    for (const LayerSharing& s : circuit.sharing) {
        if (!std::isfinite(s.value)) continue;
        if (c.first == nullptr) c.first = &s;
        c.last = &s;
        if (c.lowest == nullptr || s.value < c.lowest->value) c.lowest = &s;
        if (c.highest == nullptr || s.value > c.highest->value) c.highest = &s;
    }
    return c;
}

std::string place(const LayerSharing* s) {
    return fixed_text(s->value) + " in layer " + std::to_string(s->layer);
}

}  // namespace

void draw_node(Page& page, const Rect& rect, NodeKind kind, std::span<const NodeSegment> segments,
               int datum) {
    double y = rect.y;
    for (const NodeSegment& segment : segments) {
        const double height = rect.height * segment.share;
        page.add(RectShape{.rect = {rect.x, y, rect.width, height}, .fill = segment.color}, datum);
        y += height;
    }
    draw_frame(page, rect, kind);
}

double draw_circuit_key(Page& page, const CircuitKey& key, const Rect& into) {
    const auto palette = selection_palette(page.theme());
    const Color neutral = neutral_color(page.theme());
    KeyRow row(page, into);
    const auto node = [&](NodeKind kind, std::vector<NodeSegment> segments) {
        return [&page, kind, segments](const Rect& r) {
            draw_node(page, {r.x + 3, r.y + 1, 8, r.height - 2}, kind, segments, -1);
        };
    };
    if (!key.single_group) {
        row.add(14, "expert kept by one " + key.group,
                node(NodeKind::exclusive, {{1, palette[0]}}));
        row.add(14, "by several", node(NodeKind::partial, {{0.5, palette[0]}, {0.5, palette[1]}}));
        row.add(
            14, "by all " + key.groups,
            node(NodeKind::shared, {{0.34, palette[0]}, {0.33, palette[1]}, {0.33, palette[2]}}));
    }
    if (!key.single_group && key.neutral_cables)
        row.add(26, "road that all " + key.groups + " share", [&](const Rect& r) {
            Color fill = neutral;
            fill.a = 130;
            page.add(RibbonShape{r.x, r.y + 2, r.y + 9, r.x + r.width, r.y + 5, r.y + 12, fill});
        });
    if (key.bundled > 0)
        row.add(14, "n experts drawn as one", [&](const Rect& r) {
            page.text("n\u00d7", small_style(), page.theme().text,
                      {{r.x, r.y + r.height / 2}, HAlign::left, VAlign::middle});
        });
    row.add(14, "number of the expert", [&](const Rect& r) {
        page.text("7", small_style(), page.theme().text,
                  {{r.x + 9, r.y + r.height / 2}, HAlign::right, VAlign::middle});
    });
    return page.paragraph(
        "Where a node is higher than its ribbons, the rest comes from or goes to experts "
        "outside the kept ones.",
        small_style(), page.theme().muted, {into.x, row.bottom() + 2, into.width, 0});
}

std::string circuit_finding(const Analysis& analysis, const Circuit& circuit) {
    constexpr double kClear = 0.1;  // a change of overlap that the eye sees in the picture
    const std::string who = group_noun(analysis.options.by);
    const OverlapCourse c = course_of(circuit);
    if (analysis.groups.size() < 2 || c.first == nullptr)
        return "The road of " + (analysis.groups.empty() ? who : analysis.groups.front().label) +
               " through the experts";
    std::string subject = who;
    if (subject[0] >= 'a' && subject[0] <= 'z') subject[0] -= 'a' - 'A';
    const double first = c.first->value, last = c.last->value;
    const double low = c.lowest->value, high = c.highest->value;
    const std::string ends = ": overlap " + place(c.first);
    if (c.first == c.last) return "Overlap of expert use " + place(c.first);
    if (high > first + kClear && high > last + kClear)
        return subject + " meet and part again" + ends + ", " + place(c.highest) + ", " +
               place(c.last);
    if (low < first - kClear && low < last - kClear)
        return subject + " part and meet again" + ends + ", " + place(c.lowest) + ", " +
               place(c.last);
    if (last < first - kClear)
        return subject + " travel together, then fan out" + ends + ", " + place(c.last);
    if (last > first + kClear) return subject + " come together" + ends + ", " + place(c.last);
    return subject + " keep their distance at all depths" + ends + ", " + place(c.last);
}

std::string circuit_subtitle(const Analysis& analysis, std::span<const GroupLook> looks) {
    const CircuitOptions& options = analysis.circuit->options;
    const std::string by = analysis.options.by;
    const bool top1 = options.flow == FlowKind::top1;
    std::string out = "Experts ";
    if (options.keep.kind == KeepRule::Kind::mass)
        out += "that carry " + percent_text(options.keep.amount) + " of each " + by + "'s " +
               (top1 ? "best choices" : "routing weight");
    else
        out += "that at least " + percent_text(options.keep.amount) + " of a " + by +
               "'s tokens choose";
    out += ", and the flow between them; width: share of a " + by + "'s tokens" +
           (top1 ? ", best expert only" : "") + ". " + experts_sentence(analysis) + ". ";
    return out + sample_sentence(analysis, looks);
}

}  // namespace alluvium
