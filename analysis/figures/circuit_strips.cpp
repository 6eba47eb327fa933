#include "analysis/figures/circuit_strips.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/axis.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/numbers.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

constexpr double kLine = kLeading * kSmallSize;
constexpr double kSharingHeight = 26;

}  // namespace

double CircuitStrips::draw_outside(double y) const {
    y = caption("Outside the kept experts: mean share of a " + analysis_.options.by +
                    "'s routing that is not drawn",
                y);
    constexpr double kHeight = 13;
    const double widest = page_.width_of("<1%", small_style()) + 8;
    const std::size_t step = label_step(columns_.centers, widest + 2);
    for (std::size_t c = 0; c < model_.columns.size(); ++c) {
        const CircuitColumn& column = model_.columns[c];
        const double width = std::min(widest, columns_.spacing - 2);
        Datum datum{.kind = "other",
                    .layer = column.layer,
                    .group = {},
                    .values = {{"mean", column.other}}};
        for (const GroupMass& g : column.outside)
            datum.values.push_back({looks_[g.group].label, g.mass});
        page_.add(RectShape{.rect = {columns_.centers[c] - width / 2, y, width, kHeight},
                            .fill = page_.theme().panel,
                            .radius = 3},
                  page_.datum(std::move(datum)));
        if (c % step == 0)
            page_.text(percent_text(column.other), small_style(), page_.theme().text,
                       {{columns_.centers[c], y + kHeight / 2}, HAlign::center, VAlign::middle});
    }
    return y + kHeight;
}

double CircuitStrips::draw_overlap(double y) const {
    std::vector<std::pair<std::size_t, const LayerSharing*>> shown;
    bool null = false;
    for (std::size_t c = 0; c < model_.columns.size(); ++c)
        for (const LayerSharing& s : analysis_.circuit->sharing)
            if (s.layer == model_.columns[c].layer) {
                shown.emplace_back(c, &s);
                null = null || std::isfinite(s.null_mean);
            }
    if (shown.empty() || looks_.size() < 2) return y;
    y = caption("Overlap of expert use between " + group_noun(analysis_.options.by) +
                    ", kept or not: 1 = identical" + (null ? "; line: with shuffled labels" : ""),
                y);
    const std::size_t step =
        label_step(columns_.centers, page_.width_of("0.00", small_style()) + 4);
    for (const auto& [column, sharing] : shown) draw_bar(column, *sharing, y, column % step == 0);
    return y + kSharingHeight + kLine + 2;
}

void CircuitStrips::draw_bar(std::size_t column, const LayerSharing& sharing, double y,
                             bool printed) const {
    const double width = std::min(24.0, columns_.spacing * 0.6);
    const double left = columns_.centers[column] - width / 2, bottom = y + kSharingHeight;
    const int datum = page_.datum(
        {.kind = "sharing",
         .layer = sharing.layer,
         .group = {},
         .values = {{"overlap", sharing.value}, {"overlap, shuffled labels", sharing.null_mean}}});
    RectShape frame{.rect = {left, y, width, kSharingHeight}, .fill = page_.theme().panel};
    frame.hatched = !std::isfinite(sharing.value);
    frame.hatch = page_.theme().muted;
    page_.add(frame, datum);
    if (!frame.hatched) {
        const double height = kSharingHeight * std::clamp(sharing.value, 0.0, 1.0);
        page_.add(RectShape{.rect = {left, bottom - height, width, height},
                            .fill = neutral_color(page_.theme())},
                  datum);
    }
    if (std::isfinite(sharing.null_mean)) {
        const double at = bottom - kSharingHeight * sharing.null_mean;
        page_.add(LineShape{{{left - 2, at}, {left + width + 2, at}}, page_.theme().text, 0.8});
    }
    if (printed)
        page_.text(frame.hatched ? "\u2013" : fixed_text(sharing.value, 2), small_style(),
                   page_.theme().text,
                   {{columns_.centers[column], bottom + 2}, HAlign::center, VAlign::top});
}

double CircuitStrips::caption(const std::string& text, double y) const {
    return page_.paragraph(text, small_style(), page_.theme().muted,
                           {kMargin, y, page_.width() - 2 * kMargin, 0}) +
           3;
}

}  // namespace alluvium
