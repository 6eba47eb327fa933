#include "analysis/figures/divergence_figure.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/figures/color_space.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/divergence_series.h"
#include "analysis/figures/layer_plot.h"
#include "analysis/figures/page.h"
#include "analysis/figures/robustness_table.h"
#include "analysis/number_text.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kPlotHeight = 230;
constexpr double kLine = kLeading * kSmallSize;

Color with_alpha(Color color, std::uint8_t alpha) {
    color.a = alpha;
    return color;
}

// A name at the right end of what it names.
struct EndLabel {
    double y = 0;
    std::string text;
    Color color;
    bool bold = false;
};

class DivergencePlot {
  public:
    DivergencePlot(const Analysis& analysis, const DivergenceOptions& options, const Theme& theme,
                   const TextMeter& meter)
        : analysis_(analysis),
          options_(options),
          looks_(options.looks.empty() ? group_looks(analysis) : options.looks),
          page_("divergence", options.width > 0 ? options.width : kDefaultWidth, theme, meter),
          theme_(theme),
          series_(divergence_series(analysis)) {}

    Figure draw() && {
        const double top = options_.heading ? page_.heading(divergence_title(analysis_),
                                                            divergence_subtitle(analysis_, looks_))
                                            : untitled();
        place_plot(top);
        draw_windows();
        plot_->draw_axes();
        plot_->draw_missing(series_.curve);
        draw_band();
        draw_random();
        draw_lines();
        draw_onset();
        draw_curve();
        draw_end_labels();
        const double bottom = draw_notes();
        return std::move(page_).finish(std::max(bottom + kMargin - 4, options_.height));
    }

  private:
    double untitled() {
        page_.entitle(divergence_title(analysis_), divergence_subtitle(analysis_, looks_));
        return kMargin;
    }

    // Room for the names of the windows and the onset above, for axis and notes below.
    void place_plot(double top) {
        constexpr double kLeft = 34, kRight = 158;
        const bool windows = std::isfinite(analysis_.verdict.middle);
        const double header =
            (windows ? 3 * kLine + 4 : kLine) + (analysis_.verdict.onset ? 18 : 6);
        header_top_ = top;
        Rect place{kMargin + kLeft, top + header, 0, kPlotHeight};
        place.width = page_.width() - place.x - kMargin - kRight;
        if (options_.height > 0)
            place.height = std::max(80.0, options_.height - place.y - notes_height() - 60);
        const DivergenceSeries& s = series_;
        const double data = std::max({largest(s.curve), largest(s.observed), largest(s.high),
                                      largest(s.band), largest(s.floor), largest(s.random),
                                      largest(s.random_high), 0.02});
        const double ceiling = largest(s.ceiling);
        // A ceiling far above everything would press the curve flat: it is then named, not drawn.
        ceiling_in_view_ = std::isfinite(ceiling) && ceiling < 3.2 * data;
        const double lowest =
            std::min({0.0, smallest(s.low), smallest(s.curve), smallest(s.floor),
                      smallest(s.random), smallest(s.random_low)});
        const double high = (ceiling_in_view_ ? std::max(ceiling, data) : data) * 1.06;
        plot_.emplace(page_, place, s.layers, lowest < 0 ? lowest * 1.1 : 0, high);
    }

    // Early, middle, late: the middle is shaded, each is named with its mean above the plot.
    void draw_windows() {
        const Verdict& v = analysis_.verdict;
        if (!std::isfinite(v.middle)) return;
        const double first_edge =
            (plot_->x_of(v.early_layers.last) + plot_->x_of(v.middle_layers.first)) / 2;
        const double second_edge =
            (plot_->x_of(v.middle_layers.last) + plot_->x_of(v.late_layers.first)) / 2;
        page_.add(RectShape{
            .rect = {first_edge, plot_->rect().y, second_edge - first_edge, plot_->rect().height},
            .fill = theme_.panel});
        draw_window({"early", v.early, v.early_layers, &v.d_early}, plot_->rect().x, first_edge);
        draw_window({"middle", v.middle, v.middle_layers, nullptr}, first_edge, second_edge);
        draw_window({"late", v.late, v.late_layers, &v.d_late}, second_edge, plot_->right());
    }

    struct Window {
        std::string name;
        double mean;  // of relative divergence
        LayerWindow layers;
        const Estimate* difference;  // from the middle
    };

    void draw_window(const Window& window, double left, double right) {
        const LayerWindow& l = window.layers;
        const std::string layers = l.first == l.last ? " layer " + std::to_string(l.first)
                                                     : " layers " + std::to_string(l.first) +
                                                           "\u2013" + std::to_string(l.last);
        const std::string number = fixed_text(window.mean, window_digits());
        const Rect into{left, header_top_, right - left, kLine};
        header_line(into, 0, {window.name + layers, window.name}, theme_.text);
        header_line(into, 1, {"mean " + number + " of ceiling", number}, theme_.muted);
        if (window.difference == nullptr || !window.difference->has_value()) return;
        const std::string difference = interval_text(*window.difference);
        header_line(into, 2, {difference + " against middle", difference}, theme_.text);
    }

    // The first of the wordings that fits, centred; none where none does.
    void header_line(const Rect& into, int line, const std::vector<std::string>& wordings,
                     Color color) {
        for (const std::string& words : wordings) {
            if (page_.width_of(words, small_style()) > into.width - 4) continue;
            page_.text(
                words, small_style(), color,
                {{into.x + into.width / 2, into.y + kLine * line}, HAlign::center, VAlign::top});
            return;
        }
    }

    // Enough for the three means to differ as their differences are printed.
    int window_digits() const {
        const Verdict& v = analysis_.verdict;
        for (int digits = 2; digits < 4; ++digits)
            if (fixed_text(v.early, digits) != fixed_text(v.middle, digits) &&
                fixed_text(v.late, digits) != fixed_text(v.middle, digits))
                return digits;
        return 3;
    }

    void label_end(const Series& series, std::string text, Color color, bool bold = false) {
        for (std::size_t i = series.size(); i-- > 0;)
            if (std::isfinite(series[i])) {
                ends_.push_back({plot_->y(series[i]), std::move(text), color, bold});
                return;
            }
    }

    void draw_band() {
        if (!any_value(series_.band)) return;
        plot_->draw_area(Series(series_.band.size(), 0.0), series_.band,
                         with_alpha(theme_.muted, 70));
        label_end(series_.band, "shuffled labels reach this", theme_.muted);
    }

    // What the same inputs give without anything learned, in a colour of its own.
    void draw_random() {
        if (!any_value(series_.random)) return;
        const Color color = selection_palette(theme_)[1];
        if (any_value(series_.random_low)) {
            plot_->draw_area(series_.random_low, series_.random_high, with_alpha(color, 36));
            for (const Series* edge : {&series_.random_low, &series_.random_high}) {
                plot_->draw_line(*edge, {{}, with_alpha(color, 150), 0.6, {1, 2}});
            }
        }
        plot_->draw_line(series_.random, {{}, color, 1.1, {4, 2}});
        label_end(series_.random, "random routers", readable_on(color, theme_.background));
    }

    void draw_lines() {
        if (any_value(series_.ceiling) && ceiling_in_view_) {
            plot_->draw_line(series_.ceiling, {{}, theme_.muted, 0.9, {6, 3}});
            label_end(series_.ceiling, "ceiling " + fixed_text(series_.ceiling.back(), 2),
                      theme_.muted);
        }
        if (any_value(series_.floor)) {
            plot_->draw_line(series_.floor, {{}, theme_.muted, 1, {1.5, 2.5}});
            label_end(series_.floor, "noise floor", theme_.muted);
        }
    }

    void draw_onset() {
        const auto& onset = analysis_.verdict.onset;
        if (!onset) return;
        const double at = plot_->x_of(onset->layer), low = plot_->x_of(onset->low),
                     high = plot_->x_of(onset->high);
        const double line = plot_->rect().y - 8;
        page_.add(LineShape{{{at, line}, {at, plot_->bottom()}}, theme_.text, 0.75, {2, 2.5}});
        page_.add(LineShape{{{low, line}, {high, line}}, theme_.text, 1});
        for (const double end : {low, high})
            page_.add(LineShape{{{end, line - 3}, {end, line + 3}}, theme_.text, 1});
        page_.add(CircleShape{{at, line}, 2.2, theme_.text});
        std::string text = "apart from layer " + std::to_string(onset->layer) + " on";
        if (onset->low != onset->high)
            text += " [" + std::to_string(onset->low) + ", " + std::to_string(onset->high) + "]";
        const double width = page_.width_of(text, small_style());
        // The bootstrap's interval need not hold the layer itself.
        const double first = std::min(at, low), last = std::max(at, high);
        const bool left = first - 8 - width >= plot_->rect().x;
        page_.text(text, small_style(), theme_.text,
                   {{left ? first - 6 : last + 6, line},
                    left ? HAlign::right : HAlign::left,
                    VAlign::middle});
    }

    void draw_curve() {
        const bool interval = any_value(series_.low) && any_value(series_.high);
        if (interval) plot_->draw_area(series_.low, series_.high, with_alpha(theme_.accent, 56));
        plot_->draw_line(series_.curve, {{}, theme_.accent, 1.8});
        for (std::size_t i = 0; i < series_.layers.size(); ++i) {
            if (!std::isfinite(series_.curve[i])) continue;
            const int datum = page_.datum(datum_at(i));
            if (series_.corrected &&
                std::abs(plot_->y(series_.observed[i]) - plot_->y(series_.curve[i])) > 1.5)
                page_.add(CircleShape{{plot_->x(i), plot_->y(series_.observed[i])},
                                      1.4,
                                      theme_.background,
                                      theme_.muted,
                                      0.7});
            const double radius = series_.layers.size() > 30 ? 1.8 : 2.6;
            page_.add(CircleShape{{plot_->x(i), plot_->y(series_.curve[i])},
                                  radius,
                                  theme_.background,
                                  theme_.accent,
                                  1.4},
                      datum);
        }
        label_end(series_.curve,
                  series_.corrected ? "divergence, corrected" : "divergence, as observed",
                  readable_on(theme_.accent, theme_.background), true);
    }

    Datum datum_at(std::size_t i) const {
        const Divergence& d = analysis_.layers[i].divergence;
        return {.kind = "layer",
                .layer = series_.layers[i],
                .group = {},
                .values = {{"divergence", series_.curve[i]},
                           {"low", d.low},
                           {"high", d.high},
                           {"as observed", d.value},
                           {"shuffled labels reach", d.band},
                           {"noise floor", analysis_.layers[i].noise_floor},
                           {"ceiling", d.ceiling},
                           {"share of ceiling", d.relative},
                           {"random routers", series_.random[i]},
                           {"random low", series_.random_low[i]},
                           {"random high", series_.random_high[i]}}};
    }

    void draw_end_labels() {
        std::vector<double> wanted;
        for (const EndLabel& label : ends_) wanted.push_back(label.y);
        const std::vector<double> places =
            spread_labels(wanted, kLine, plot_->rect().y - kLine, plot_->bottom() + kLine / 2);
        const double edge = plot_->right();
        for (std::size_t i = 0; i < ends_.size(); ++i) {
            page_.add(LineShape{{{edge - 6, ends_[i].y},
                                 {edge + 2, ends_[i].y},
                                 {edge + 9, places[i]},
                                 {edge + 12, places[i]}},
                                with_alpha(ends_[i].color, 150),
                                0.5});
            TextStyle style = small_style();
            style.bold = ends_[i].bold;
            page_.text(ends_[i].text, style, ends_[i].color,
                       {{edge + 15, places[i]}, HAlign::left, VAlign::middle});
        }
        if (any_value(series_.ceiling) && !ceiling_in_view_)
            page_.text("ceiling " + fixed_text(largest(series_.ceiling), 2) + ", above this scale",
                       small_style(), theme_.muted,
                       {{edge + 15, header_top_}, HAlign::left, VAlign::top});
    }

    Rect notes_place(double top) const { return {kMargin, top, page_.width() - 2 * kMargin, 0}; }

    double notes_height() const {
        Page trial("notes", page_.width(), theme_, page_.meter());
        return write_notes(trial, 0);
    }

    double write_notes(Page& page, double top) const {
        double at = top;
        if (options_.sentence && !analysis_.verdict.sentence.empty())
            at = page.paragraph(analysis_.verdict.sentence, small_style(), theme_.text,
                                notes_place(at)) +
                 4;
        for (const std::string& note : divergence_notes(analysis_, series_))
            at = page.paragraph(note, small_style(), theme_.muted, notes_place(at)) + 2;
        return at;
    }

    // A window of given height has no room for the table.
    double draw_robustness(double top) {
        if (!options_.robustness || options_.height > 0) return top;
        return draw_robustness_table(page_, analysis_,
                                     {kMargin, top, page_.width() - 2 * kMargin, 0});
    }

    double draw_notes() {
        return write_notes(page_, draw_robustness(plot_->bottom() + 5 + 2 * kLine));
    }

    const Analysis& analysis_;
    const DivergenceOptions& options_;
    const std::vector<GroupLook> looks_;
    Page page_;
    const Theme& theme_;

    const DivergenceSeries series_;
    bool ceiling_in_view_ = false;
    double header_top_ = 0;
    std::optional<LayerPlot> plot_;  // once there is a place for it
    std::vector<EndLabel> ends_;
};

}  // namespace

Figure divergence_figure(const Analysis& analysis, const DivergenceOptions& options,
                         const Theme& theme, const TextMeter& meter) {
    return DivergencePlot(analysis, options, theme, meter).draw();
}

}  // namespace alluvium
