#include "analysis/figures/load_figure.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/figures/color_legend.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/numbers.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kGutter = 34;      // layer numbers
constexpr double kColumn = 52;      // of a number
constexpr double kSmallestRow = 3;  // of many layers
constexpr double kLine = kLeading * kSmallSize;

// Selections of every expert, all groups together.
std::vector<double> pooled(const LayerAnalysis& layer) {
    std::vector<double> load(layer.experts, 0.0);
    for (std::size_t g = 0; g < layer.selections.rows(); ++g) {
        for (std::size_t e = 0; e < load.size(); ++e) {
            load[e] += static_cast<double>(layer.selections(g, e));
        }
    }
    return load;
}

struct NumberColumn {
    std::string name;
    double (*value)(const LayerAnalysis&);
    int digits;
};

const std::vector<NumberColumn>& number_columns() {
    static const std::vector<NumberColumn> columns = {
        {"max/mean-1", [](const LayerAnalysis& l) { return l.load.max_vio; }, 2},
        {"CV", [](const LayerAnalysis& l) { return l.load.cv; }, 2},
        {"Gini", [](const LayerAnalysis& l) { return l.load.gini; }, 2},
        {"effective", [](const LayerAnalysis& l) { return l.load.effective_experts; }, 1},
        {"dead", [](const LayerAnalysis& l) { return static_cast<double>(l.load.dead_experts); },
         0}};
    return columns;
}

class LoadPage {
  public:
    LoadPage(const Analysis& analysis, const LoadOptions& options, const Theme& theme,
             const TextMeter& meter)
        : analysis_(analysis),
          looks_(options.looks.empty() ? group_looks(analysis) : options.looks),
          theme_(theme),
          page_("load", options.width > 0 ? options.width : kDefaultWidth, theme, meter) {
        const auto layers = static_cast<double>(analysis.layers.size());
        row_ = std::clamp(520 / std::max(layers, 1.0), kSmallestRow, 16.0);
        const double numbers = kColumn * static_cast<double>(number_columns().size());
        strip_ = {kMargin + kGutter, 0, page_.width() - 2 * kMargin - kGutter - numbers - 8,
                  row_ * layers};
    }

    Figure draw() {
        strip_.y = page_.heading(title(), subtitle()) + kLine + 6;
        draw_column_names();
        for (std::size_t l = 0; l < analysis_.layers.size(); ++l) draw_layer(l);
        const double y = strip_.y + strip_.height + 4;
        page_.text("experts of each layer, most used first", small_style(), theme_.muted,
                   {{strip_.x, y}, HAlign::left, VAlign::top});
        Block legend = draw_legend(legend_of(), page_.width() - 2 * kMargin, theme_, page_.meter());
        const double height = legend.height;
        page_.insert(std::move(legend.page), kMargin, y + kLine + 8);
        return std::move(page_).finish(y + kLine + 8 + height + kMargin - 4);
    }

  private:
    std::string title() const {
        double least = 1e300, most = 0;
        std::size_t dead = 0;
        for (const LayerAnalysis& layer : analysis_.layers) {
            least = std::min(least, layer.load.max_vio);
            most = std::max(most, layer.load.max_vio);
            dead += layer.load.dead_experts;
        }
        return "The busiest expert of a layer has " + fixed_text(1 + least, 1) + " to " +
               fixed_text(1 + most, 1) + " times the mean load; " +
               (dead == 0   ? "every expert is chosen"
                : dead == 1 ? "1 expert is never chosen"
                            : thousands_text(dead) + " experts are never chosen");
    }

    std::string subtitle() const {
        return "Load of every expert over the mean of its layer, all counted tokens pooled (1: "
               "even "
               "load). " +
               experts_sentence(analysis_) + ". " + sample_sentence(analysis_, looks_) +
               checkpoint_sentence(analysis_.model) + ".";
    }

    double number_x(std::size_t column) const {
        return strip_.x + strip_.width + 8 + kColumn * static_cast<double>(column + 1);
    }

    void draw_column_names() {
        page_.text("layer", small_style(), theme_.muted,
                   {{strip_.x - 6, strip_.y - 4}, HAlign::right, VAlign::bottom});
        for (std::size_t c = 0; c < number_columns().size(); ++c) {
            page_.text(number_columns()[c].name, small_style(), theme_.muted,
                       {{number_x(c), strip_.y - 4}, HAlign::right, VAlign::bottom});
        }
    }

    void draw_layer(std::size_t l) {
        const LayerAnalysis& layer = analysis_.layers[l];
        const double y = strip_.y + row_ * static_cast<double>(l);
        draw_strip(layer, y);
        // Rows lower than a line of type are named every so often.
        const auto every = static_cast<std::size_t>(std::ceil(kLine / row_));
        if (l % every != 0) return;
        const double middle = y + row_ / 2;
        page_.text(std::to_string(layer.layer), small_style(), theme_.text,
                   {{strip_.x - 6, middle}, HAlign::right, VAlign::middle});
        for (std::size_t c = 0; c < number_columns().size(); ++c) {
            const NumberColumn& column = number_columns()[c];
            page_.text(fixed_text(column.value(layer), column.digits), small_style(), theme_.text,
                       {{number_x(c), middle}, HAlign::right, VAlign::middle});
        }
    }

    void draw_strip(const LayerAnalysis& layer, double y) {
        const std::vector<double> load = pooled(layer);
        const double mean = std::accumulate(load.begin(), load.end(), 0.0) / layer.experts;
        std::vector<std::size_t> order(load.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return load[a] > load[b]; });
        const int row = page_.datum(datum_of(layer));
        page_.add(RectShape{.rect = {strip_.x, y, strip_.width, row_}, .fill = theme_.missing},
                  row);
        const double cell = strip_.width / static_cast<double>(layer.experts);
        const double gap = cell > 4 && row_ > 4 ? 0.6 : 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const double ratio = mean > 0 ? load[order[i]] / mean : kMissing;
            const Color fill =
                ratio == 0 ? never_chosen_color(theme_) : ratio_color(std::log2(ratio), theme_);
            page_.add(
                RectShape{
                    .rect = {strip_.x + cell * static_cast<double>(i), y, cell - gap, row_ - gap},
                    .fill = fill},
                page_.datum({.kind = "cell",
                             .layer = layer.layer,
                             .expert = static_cast<int>(order[i]),
                             .group = {},
                             .values = {{"load / mean", ratio}, {"selections", load[order[i]]}}}));
        }
    }

    static Datum datum_of(const LayerAnalysis& layer) {
        return {.kind = "layer",
                .layer = layer.layer,
                .group = {},
                .values = {{"max / mean - 1", layer.load.max_vio},
                           {"cv", layer.load.cv},
                           {"gini", layer.load.gini},
                           {"effective experts", layer.load.effective_experts},
                           {"dead experts", static_cast<double>(layer.load.dead_experts)},
                           {"experts", static_cast<double>(layer.experts)}}};
    }

    ColorLegend legend_of() const {
        ColorLegend legend;
        legend.caption = "load over the layer's mean";
        legend.color = [this](double t) { return ratio_color((2 * t - 1) * kRatioLimit, theme_); };
        legend.ticks = {{0, "1/8"}, {1.0 / 6, "1/4", false}, {1.0 / 3, "1/2", false},
                        {0.5, "1"}, {2.0 / 3, "2", false},   {5.0 / 6, "4", false},
                        {1, "8"}};
        legend.swatches = {{.fill = never_chosen_color(theme_), .label = "never chosen"}};
        legend.notes = {
            "max/mean-1: the busiest expert (0: even). CV: standard deviation over mean. "
            "Gini: 0 even, 1 one expert takes all. Effective: exp of the load's entropy. "
            "Dead: never chosen. Formulas: docs/metrics.md."};
        return legend;
    }

    const Analysis& analysis_;
    std::vector<GroupLook> looks_;
    const Theme& theme_;
    Page page_;
    double row_ = 0;
    Rect strip_;
};

}  // namespace

Figure load_figure(const Analysis& analysis, const LoadOptions& options, const Theme& theme,
                   const TextMeter& meter) {
    return LoadPage(analysis, options, theme, meter).draw();
}

}  // namespace alluvium
