#include "analysis/figures/color_legend.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/color_space.h"

namespace alluvium {
namespace {

constexpr double kLine = kLeading * kSmallSize;
constexpr double kBarHeight = 9;
constexpr double kBarWidth = 210;
constexpr int kBarSteps = 60;

void draw_bar(const ColorLegend& legend, double width, double y, Page& page) {
    const double step = width / kBarSteps;
    for (int i = 0; i < kBarSteps; ++i) {
        const double overlap = i + 1 < kBarSteps ? 0.3 : 0;  // no hairlines between the steps
        page.add(RectShape{.rect = {i * step, y, step + overlap, kBarHeight},
                           .fill = legend.color((i + 0.5) / kBarSteps)});
    }
    page.add(RectShape{.rect = {0, y, width, kBarHeight},
                       .fill = {0, 0, 0, 0},
                       .stroke = page.theme().muted,
                       .stroke_width = 0.4});
}

// Where a tick's label may stand: centred under its place, but inside the bar.
double label_left(const ScaleTick& tick, double bar, double width) {
    return std::clamp(tick.at * bar - width / 2, 0.0, bar - width);
}

struct PlacedTick {
    const ScaleTick* tick;
    double left, right;  // of the label
};

// Adds the ticks whose labels keep clear of those placed before; false where some did not.
bool place_ticks(const ColorLegend& legend, bool needed, double bar, const Page& page,
                 std::vector<PlacedTick>& placed) {
    constexpr double kApart = 3;
    bool all = true;
    for (const ScaleTick& tick : legend.ticks) {
        if (tick.needed != needed) continue;
        const double width = page.width_of(tick.label, small_style());
        const double left = label_left(tick, bar, width);
        const bool clear = std::none_of(placed.begin(), placed.end(), [&](const PlacedTick& other) {
            return left < other.right + kApart && other.left < left + width + kApart;
        });
        if (clear) placed.push_back({&tick, left, left + width});
        all = all && clear;
    }
    return all;
}

// The needed ticks as far as they keep apart, and the others where there is room for all of them.
void draw_ticks(const ColorLegend& legend, double bar, double y, Page& page) {
    std::vector<PlacedTick> placed;
    place_ticks(legend, true, bar, page, placed);
    std::vector<PlacedTick> with_others = placed;
    if (place_ticks(legend, false, bar, page, with_others)) placed = with_others;
    for (const PlacedTick& p : placed) {
        const double x = std::clamp(p.tick->at * bar, 0.2, bar - 0.2);
        page.add(LineShape{{{x, y - kBarHeight}, {x, y + 2}}, page.theme().text, 0.5});
        page.text(p.tick->label, small_style(), page.theme().text,
                  {{p.left, y + 2}, HAlign::left, VAlign::top});
    }
}

// In a row, breaking where the width ends; returns the y below.
double draw_swatches(const ColorLegend& legend, double width, double y, Page& page) {
    constexpr double kSide = 9, kApart = 12;
    double x = 0;
    for (const Swatch& swatch : legend.swatches) {
        const double needed = kSide + 4 + page.width_of(swatch.label, small_style());
        if (x > 0 && x + needed > width) {
            x = 0;
            y += kLine + 2;
        }
        RectShape shape{.rect = {x, y, kSide, kSide}, .fill = swatch.fill};
        shape.hatched = swatch.hatched;
        shape.hatch = page.theme().muted;
        page.add(shape);
        if (swatch.crossed)
            page.add(CircleShape{{x + kSide / 2, y + kSide / 2}, 0.8, text_on(swatch.fill)});
        page.text(swatch.label, small_style(), page.theme().text,
                  {{x + kSide + 4, y + kSide / 2}, HAlign::left, VAlign::middle});
        x += needed + kApart;
    }
    return legend.swatches.empty() ? y : y + kLine + 4;
}

double draw_notes(const ColorLegend& legend, const Rect& into, Page& page) {
    Rect rest = into;
    for (const std::string& note : legend.notes)
        rest.y = page.paragraph(note, small_style(), page.theme().muted, rest) + 2;
    return rest.y;
}

}  // namespace

Block draw_legend(const ColorLegend& legend, double width, const Theme& theme,
                  const TextMeter& meter) {
    constexpr double kWide = 430, kGutter = 24;
    Page page("legend", width, theme, meter);
    const double bar = std::min(width, kBarWidth);
    double y = page.paragraph(legend.caption, small_style(), theme.text, {0, 0, bar, 0}) + 2;
    draw_bar(legend, bar, y, page);
    draw_ticks(legend, bar, y + kBarHeight, page);
    y += kBarHeight + kLine + 6;
    y = draw_swatches(legend, bar, y, page);
    double notes = 0;
    if (width >= kWide)
        notes = draw_notes(legend, {bar + kGutter, 0, width - bar - kGutter, 0}, page);
    else
        y = draw_notes(legend, {0, y, width, 0}, page);
    return {std::move(page), std::max(y, notes)};
}

}  // namespace alluvium
