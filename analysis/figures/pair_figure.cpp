#include "analysis/figures/pair_figure.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/color_legend.h"
#include "analysis/figures/color_space.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

constexpr double kLine = kLeading * kBodySize;
constexpr double kLayerNames = 34;  // at the left
constexpr double kLeastColumn = 20, kMostColumn = 130;
constexpr double kGridHeight = 150;
constexpr double kLeastRow = 6, kMostRow = 15;
constexpr double kBeforeBehind = 10;  // room before the column of all tokens behind the change

// A column of the picture: a span, or all that stands behind the change.
struct Column {
    int span = -1;  // -1: behind the change
    std::string above, below;
    double width = 0;
    double at = 0;  // from the band's start
};

// Columns that stand beside each other; a long text takes several bands.
struct Band {
    std::vector<Column> columns;
    bool below = false;  // some column has a second line
};

std::string span_name(const PairSpan& span) {
    if (!span.changed) return span.a;
    return (span.a.empty() ? "-" : span.a) + " \u2192 " + (span.b.empty() ? "-" : span.b);
}

class PairPage {
  public:
    PairPage(const MinimalPair& pair, const PairFigureOptions& options, const Theme& theme,
             const TextMeter& meter)
        : pair_(pair),
          options_(options),
          theme_(theme),
          page_("pair", options.width > 0 ? options.width : kPageWidth, theme, meter),
          row_(std::clamp(kGridHeight / static_cast<double>(pair.layers.size()), kLeastRow,
                          kMostRow)) {
        const Language* language = LanguageTable::instance().find(pair.texts.language_a);
        right_to_left_ = language != nullptr && language->right_to_left;
    }

    Figure draw() && {
        double y = kMargin;
        if (options_.heading) {
            y = page_.heading(title(), subtitle()) + 8;
        } else {
            page_.entitle(title(), subtitle());
        }
        for (const Band& band : bands()) y = draw_band(band, y) + 14;
        Block legend =
            draw_legend(this->legend(), page_.width() - 2 * kMargin, theme_, page_.meter());
        const double height = legend.height;
        page_.insert(std::move(legend.page), kMargin, y);
        y += height + 8;
        y = page_.paragraph(pair_.sentence, small_style(), theme_.text,
                            {kMargin, y, page_.width() - 2 * kMargin, 0});
        return std::move(page_).finish(y + kMargin - 4);
    }

  private:
    std::string title() const {
        if (pair_.tokens_after == 0) return "What changes with the words, layer by layer";
        const std::string others = fixed_text(100 * pair_.after.change, 0) +
                                   " % of the experts behind the change are others, ";
        return others + (pair_.after.beyond_floor() ? "beyond the floor" : "not beyond the floor");
    }

    std::string subtitle() const {
        const PairLayer& first = pair_.layers.front();
        return "Share of the chosen experts that change (1 - overlap), " + pair_.model.name +
               checkpoint_sentence(pair_.model) + "; " + std::to_string(first.experts) +
               " experts, top " + std::to_string(first.top_k) +
               "; floor: " + std::to_string(pair_.neutral_edits) + " edits that leave all words.";
    }

    std::vector<Column> columns() const {
        std::vector<Column> columns;
        for (std::size_t s = 0; s < pair_.spans.size(); ++s) {
            const PairSpan& span = pair_.spans[s];
            Column column{
                .span = static_cast<int>(s), .above = span.a.empty() ? "-" : span.a, .below = {}};
            if (span.changed) column.below = span.b.empty() ? "-" : span.b;
            columns.push_back(std::move(column));
        }
        if (pair_.tokens_after > 0) columns.push_back({.above = "all", .below = "behind"});
        for (Column& column : columns) {
            const double wide = std::max(page_.width_of(column.above, above_style(column)),
                                         page_.width_of(column.below, below_style(column)));
            column.width = std::clamp(wide + 6, kLeastColumn, kMostColumn);
        }
        return columns;
    }

    TextStyle above_style(const Column& column) const {
        return {kBodySize, column.span < 0, false, pair_.texts.language_a};
    }
    TextStyle below_style(const Column&) const {
        return {kBodySize, true, false, pair_.texts.language_b};
    }

    std::vector<Band> bands() const {
        const double room = page_.width() - 2 * kMargin - kLayerNames;
        std::vector<Band> bands(1);
        double at = 0;
        for (Column column : columns()) {
            const double before = column.span < 0 ? kBeforeBehind : 0;
            if (at > 0 && at + before + column.width > room) {
                bands.emplace_back();
                at = 0;
            }
            column.at = at + before;
            at = column.at + column.width;
            bands.back().below = bands.back().below || !column.below.empty();
            bands.back().columns.push_back(std::move(column));
        }
        return bands;
    }

    double left_of(const Column& column) const {
        return right_to_left_ ? page_.width() - kMargin - kLayerNames - column.at - column.width
                              : kMargin + kLayerNames + column.at;
    }

    double draw_band(const Band& band, double y) {
        const double grid = y + kLine * (band.below ? 2 : 1) + 4;
        for (const Column& column : band.columns) draw_column(column, y, grid);
        draw_layers(grid);
        return grid + row_ * static_cast<double>(pair_.layers.size());
    }

    void draw_column(const Column& column, double y, double grid) {
        const double left = left_of(column), middle = left + column.width / 2;
        const auto write = [&](const std::string& text, const TextStyle& style, Color color,
                               double at) {
            page_.text(shortened(text, style, column.width - 2, page_.meter()), style, color,
                       {{middle, at}, HAlign::center, VAlign::top});
        };
        const bool changed = column.span >= 0 && !column.below.empty();
        write(column.above, above_style(column), changed ? theme_.muted : theme_.text, y);
        const Color below =
            column.span < 0 ? theme_.text : readable_on(theme_.accent, theme_.background);
        if (!column.below.empty()) write(column.below, below_style(column), below, y + kLine);
        if (changed) {
            page_.add(LineShape{{{left + 1, grid - 1.5}, {left + column.width - 1, grid - 1.5}},
                                theme_.accent,
                                1.5});
        }
        const std::size_t layers = pair_.layers.size();
        for (std::size_t l = 0; l < layers; ++l) {
            const double top = grid + row_ * static_cast<double>(layers - 1 - l);
            draw_cell(column, pair_.layers[l], {left, top, column.width - 1, row_ - 0.75});
        }
    }

    void draw_cell(const Column& column, const PairLayer& layer, const Rect& rect) {
        const SpanChange& change =
            column.span < 0 ? layer.after : layer.spans[static_cast<std::size_t>(column.span)];
        const bool known = std::isfinite(change.change);
        RectShape cell{.rect = rect,
                       .fill = known ? share_color(change.change, theme_) : theme_.missing};
        cell.hatched = !known;
        cell.hatch = theme_.muted;
        const Color fill = cell.fill;
        const int datum = page_.datum(datum_of(column, layer, change));
        page_.add(cell, datum);
        if (!change.beyond_floor()) return;
        page_.add(CircleShape{{rect.x + rect.width / 2, rect.y + rect.height / 2},
                              std::min(2.2, rect.height / 3),
                              text_on(fill)},
                  datum);
    }

    Datum datum_of(const Column& column, const PairLayer& layer, const SpanChange& change) const {
        Datum datum;
        datum.kind = column.span < 0 ? "behind" : "cell";
        datum.layer = layer.layer;
        double tokens = static_cast<double>(pair_.tokens_after);
        if (column.span >= 0) {
            const PairSpan& span = pair_.spans[static_cast<std::size_t>(column.span)];
            datum.group = span_name(span);
            tokens = static_cast<double>(span.changed ? span.tokens_a : span.aligned);
        }
        datum.values = {{"change", change.change},
                        {"floor mean", change.floor_mean},
                        {"floor max", change.floor_max},
                        {"neutral edits", static_cast<double>(change.controls)},
                        {"at least", static_cast<double>(change.at_least)},
                        {"beyond floor", change.beyond_floor() ? 1.0 : 0.0},
                        {"tokens", tokens},
                        {"unrelated", layer.unrelated}};
        return datum;
    }

    void draw_layers(double grid) {
        const std::size_t layers = pair_.layers.size();
        const auto step = static_cast<std::size_t>(std::ceil(kSmallSize * 1.15 / row_));
        const double x =
            right_to_left_ ? page_.width() - kMargin - kLayerNames + 6 : kMargin + kLayerNames - 6;
        for (std::size_t l = 0; l < layers; l += step) {
            const double y = grid + row_ * (static_cast<double>(layers - 1 - l) + 0.5);
            const std::string name =
                (l == 0 ? "layer " : "") + std::to_string(pair_.layers[l].layer);
            page_.text(name, small_style(), theme_.muted,
                       {{x, y}, right_to_left_ ? HAlign::left : HAlign::right, VAlign::middle});
        }
    }

    ColorLegend legend() const {
        ColorLegend legend{
            .caption = "Share of the chosen experts that change",
            .color = [this](double t) { return share_color(t, theme_); },
            .ticks = {{0, "0: none", true}, {0.5, "0.5", false}, {1, "1: all", true}},
            .swatches = {{theme_.missing, true, false, "nothing to compare"}},
            .notes = {}};
        legend.notes = {"Dot: more than under every one of " + std::to_string(pair_.neutral_edits) +
                            " edits of the first text that leave all words (quotation marks, "
                            "brackets, white space "
                            "at the place of the change); by chance in 1 of " +
                            std::to_string(pair_.neutral_edits + 1) + " cells.",
                        "Words that both texts have: token by token. Words that differ "
                        "(underlined, second text below): "
                        "shares of experts."};
        return legend;
    }

    const MinimalPair& pair_;
    const PairFigureOptions& options_;
    const Theme& theme_;
    Page page_;
    double row_;
    bool right_to_left_ = false;
};

}  // namespace

Figure pair_figure(const MinimalPair& pair, const PairFigureOptions& options, const Theme& theme,
                   const TextMeter& meter) {
    return PairPage(pair, options, theme, meter).draw();
}

Figure pair_figure(const PairResult& result, const PairFigureOptions& options, const Theme& theme,
                   const TextMeter& meter) {
    return std::visit([&](const auto& r) { return pair_figure(r, options, theme, meter); }, result);
}

}  // namespace alluvium
