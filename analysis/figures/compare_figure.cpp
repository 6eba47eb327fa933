#include "analysis/figures/compare_figure.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/color_space.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/layer_plot.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kPlotHeight = 150;
constexpr double kLeft = 34, kRight = 130;  // for numbers and names beside a plot
constexpr double kLine = kLeading * kSmallSize;
constexpr std::size_t kListed = 10;

std::string name_of(const ModelInfo& model, const std::string& path) {
    return model.name.empty() ? path.substr(path.rfind('/') + 1) : model.name;
}

// A name at the right end of a line.
struct EndLabel {
    double y = 0;
    std::string text;
    Color color;
};

class ComparePage {
  public:
    ComparePage(const Comparison& comparison, const CompareOptions& options, const Theme& theme,
                const TextMeter& meter)
        : comparison_(comparison),
          theme_(theme),
          page_("compare", options.width > 0 ? options.width : kDefaultWidth, theme, meter) {
        for (const LayerComparison& layer : comparison.layers) layers_.push_back(layer.layer);
    }

    Figure draw() && {
        double y = page_.heading(title(), subtitle());
        y = draw_agreement(y + 4);
        y = draw_difference(y);
        y = draw_lists(y);
        y = page_.paragraph(comparison_.sentence, small_style(), theme_.muted, across(y)) + 2;
        for (const auto& [what, why] : comparison_.missing) {
            y = page_.paragraph("No " + what + ": " + why + ".", small_style(), theme_.muted,
                                across(y)) +
                2;
        }
        return std::move(page_).finish(y + kMargin - 4);
    }

  private:
    std::string title() const {
        double total = 0;
        for (const LayerComparison& layer : comparison_.layers) total += layer.overlap;
        const double mean = total / static_cast<double>(comparison_.layers.size());
        return "A and B choose " + fixed_text(100 * mean, 1) + " % of their experts alike";
    }

    std::string subtitle() const {
        const LayerComparison& first = comparison_.layers.front();
        return "A: " + name_of(comparison_.model_a, comparison_.path_a) +
               ", B: " + name_of(comparison_.model_b, comparison_.path_b) + ". The same " +
               thousands_text(comparison_.tokens) + " tokens" +
               (comparison_.where.empty() ? "" : " where " + comparison_.where) + ", " +
               std::to_string(comparison_.groups.size()) + " " + group_noun(comparison_.by) + "; " +
               std::to_string(first.experts) + " experts, top " + std::to_string(first.top_k) + ".";
    }

    Rect across(double y) const { return {kMargin, y, page_.width() - 2 * kMargin, 0}; }

    Rect plot_place(double y) const {
        return {kMargin + kLeft, y + kLine + 6, page_.width() - 2 * kMargin - kLeft - kRight,
                kPlotHeight};
    }

    template <typename Read>
    Series series(Read read) const {
        Series values;
        for (const LayerComparison& layer : comparison_.layers) values.push_back(read(layer));
        return values;
    }

    void heading_of(const std::string& text, double y) {
        page_.text(text, body_style(true), theme_.text, {{kMargin, y}, HAlign::left, VAlign::top});
    }

    void draw_series(LayerPlot& plot, const Series& values, const LineShape& look,
                     const std::string& name, std::vector<EndLabel>& ends) {
        plot.draw_line(values, look);
        for (std::size_t i = values.size(); i-- > 0;) {
            if (!std::isfinite(values[i])) continue;
            ends.push_back({plot.y(values[i]), name, look.color});
            return;
        }
    }

    void draw_ends(const LayerPlot& plot, const std::vector<EndLabel>& ends) {
        std::vector<double> wanted;
        for (const EndLabel& end : ends) wanted.push_back(end.y);
        const std::vector<double> places =
            spread_labels(wanted, kLine, plot.rect().y - kLine / 2, plot.bottom() + kLine / 2);
        for (std::size_t i = 0; i < ends.size(); ++i) {
            const double edge = plot.right();
            page_.add(
                LineShape{{{edge - 6, wanted[i]}, {edge + 2, wanted[i]}, {edge + 9, places[i]}},
                          ends[i].color,
                          0.5});
            page_.text(ends[i].text, small_style(), readable_on(ends[i].color, theme_.background),
                       {{edge + 12, places[i]}, HAlign::left, VAlign::middle});
        }
    }

    double draw_agreement(double y) {
        heading_of("Agreement: share of tokens, or of their experts", y);
        LayerPlot plot(page_, plot_place(y), layers_, 0, 1.02);
        plot.draw_axes();
        const auto palette = selection_palette(theme_);
        std::vector<EndLabel> ends;
        draw_series(plot, series([](const auto& l) { return l.chance; }),
                    {{}, theme_.muted, 1, {4, 3}}, "overlap by chance", ends);
        draw_series(plot, series([](const auto& l) { return l.exact; }), {{}, palette[1], 1.2},
                    "the same set", ends);
        draw_series(plot, series([](const auto& l) { return l.top1; }), {{}, palette[2], 1.2},
                    "the same best expert", ends);
        if (!comparison_.same_lineage) {
            draw_series(plot, series([](const auto& l) { return l.matching.overlap; }),
                        {{}, theme_.accent, 1.2, {3, 2}}, "overlap, matched by use", ends);
            draw_series(plot, series([](const auto& l) { return l.matching.shuffled; }),
                        {{}, theme_.muted, 1, {1.5, 2.5}}, "matched, shuffled tokens", ends);
        }
        draw_series(plot, series([](const auto& l) { return l.overlap; }), {{}, theme_.accent, 1.8},
                    "overlap", ends);
        for (std::size_t i = 0; i < comparison_.layers.size(); ++i) draw_point(plot, i);
        draw_ends(plot, ends);
        return plot.bottom() + 2 * kLine + 8;
    }

    void draw_point(const LayerPlot& plot, std::size_t i) {
        const LayerComparison& l = comparison_.layers[i];
        if (!std::isfinite(l.overlap)) return;
        const bool floor = std::isfinite(l.floor_margin);
        const Datum datum{.kind = "layer",
                          .layer = l.layer,
                          .group = {},
                          .values = {{"overlap", l.overlap},
                                     {"exact", l.exact},
                                     {"top1", l.top1},
                                     {"matched overlap", l.matching.overlap},
                                     {"chance", l.chance},
                                     {"flips", static_cast<double>(l.flips)},
                                     {"flips beyond the floor",
                                      floor ? static_cast<double>(l.flips_above_floor) : kMissing},
                                     {"difference", l.difference.value},
                                     {"low", l.difference.low},
                                     {"high", l.difference.high}}};
        page_.add(
            CircleShape{{plot.x(i), plot.y(l.overlap)}, 2.2, theme_.background, theme_.accent, 1.3},
            page_.datum(datum));
    }

    double draw_difference(double y) {
        const Series value = series([](const auto& l) { return l.difference.value; });
        const Series low = series([](const auto& l) { return l.difference.low; });
        const Series high = series([](const auto& l) { return l.difference.high; });
        heading_of("Divergence between " + group_noun(comparison_.by) + ": B minus A", y);
        const double least = std::min({smallest(value), smallest(low), -0.01});
        const double most = std::max({largest(value), largest(high), 0.01});
        const double pad = 0.06 * (most - least);
        LayerPlot plot(page_, plot_place(y), layers_, least - pad, most + pad);
        plot.draw_axes();
        plot.draw_missing(value);
        Color area = theme_.accent;
        area.a = 56;
        plot.draw_area(low, high, area);
        std::vector<EndLabel> ends;
        draw_series(plot, value, {{}, theme_.accent, 1.8},
                    any_value(low) ? "corrected, 95 % interval" : "as observed", ends);
        draw_ends(plot, ends);
        return plot.bottom() + 2 * kLine + 8;
    }

    // Prompts on the left, tokens on the right.
    double draw_lists(double y) {
        const double half = (page_.width() - 2 * kMargin) / 2;
        const double right = kMargin + half + 10;
        page_.text("Prompts that changed most (overlap)", body_style(true), theme_.text,
                   {{kMargin, y}, HAlign::left, VAlign::top});
        page_.text("Tokens that changed most", body_style(true), theme_.text,
                   {{right, y}, HAlign::left, VAlign::top});
        y += kLine + 6;
        const std::size_t prompts = std::min(kListed, comparison_.prompts.size());
        const std::size_t tokens = std::min(kListed, comparison_.changed_tokens.size());
        for (std::size_t i = 0; i < prompts; ++i) {
            const ChangedPrompt& p = comparison_.prompts[i];
            list_line({kMargin, y + kLine * static_cast<double>(i), half - 10, kLine}, p.overlap,
                      p.label + "  " + p.id, "prompt", p.label);
        }
        for (std::size_t i = 0; i < tokens; ++i) {
            const ChangedToken& t = comparison_.changed_tokens[i];
            const std::string text = t.text.empty() ? std::to_string(t.token_id) : t.text;
            list_line({right, y + kLine * static_cast<double>(i), half - 10, kLine}, t.overlap,
                      "\u201c" + text + "\u201d  " + t.prompt_id + ", position " +
                          std::to_string(t.position),
                      "token", text);
        }
        return y + kLine * static_cast<double>(std::max(prompts, tokens)) + 10;
    }

    void list_line(const Rect& place, double overlap, const std::string& text, std::string kind,
                   std::string group) {
        const Datum datum{
            .kind = std::move(kind), .group = std::move(group), .values = {{"overlap", overlap}}};
        const double bar = 40;
        const double middle = place.y + place.height / 2;
        page_.add(RectShape{.rect = {place.x, middle - 2.5, bar, 5}, .fill = theme_.panel});
        page_.add(
            RectShape{.rect = {place.x, middle - 2.5, bar * overlap, 5}, .fill = theme_.accent},
            page_.datum(datum));
        page_.text(fixed_text(overlap), small_style(), theme_.text,
                   {{place.x + bar + 4, middle}, HAlign::left, VAlign::middle});
        page_.text(shortened(text, small_style(), place.width - bar - 32, page_.meter()),
                   small_style(), theme_.text,
                   {{place.x + bar + 28, middle}, HAlign::left, VAlign::middle});
    }

    const Comparison& comparison_;
    const Theme& theme_;
    Page page_;
    std::vector<int> layers_;
};

}  // namespace

Figure compare_figure(const Comparison& comparison, const CompareOptions& options,
                      const Theme& theme, const TextMeter& meter) {
    return ComparePage(comparison, options, theme, meter).draw();
}

}  // namespace alluvium
