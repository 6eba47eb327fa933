#include "analysis/figures/divergence_figure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "analysis/figures/axis.h"
#include "analysis/figures/color_space.h"
#include "analysis/figures/finding.h"
#include "analysis/figures/numbers.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 720;
constexpr double kPlotHeight = 230;
constexpr double kLine = kLeading * kSmallSize;

Color with_alpha(Color color, std::uint8_t alpha) {
    color.a = alpha;
    return color;
}

// A line of numbers over the layers; NaN breaks it.
using Series = std::vector<double>;

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
          theme_(theme) {
        read_series();
    }

    Figure draw() && {
        const double top = options_.heading ? page_.heading(title(), subtitle()) : untitled();
        place_plot(top);
        draw_windows();
        draw_grid();
        draw_missing_layers();
        draw_band();
        draw_lines();
        draw_onset();
        draw_curve();
        draw_end_labels();
        const double bottom = draw_notes();
        return std::move(page_).finish(std::max(bottom + kMargin - 4, options_.height));
    }

  private:
    void read_series() {
        for (const LayerAnalysis& layer : analysis_.layers) {
            const Divergence& d = layer.divergence;
            const bool corrected = std::isfinite(d.corrected);
            layers_.push_back(layer.layer);
            curve_.push_back(corrected ? d.corrected : d.value);
            observed_.push_back(d.value);
            low_.push_back(d.low);
            high_.push_back(d.high);
            band_.push_back(d.band);
            ceiling_.push_back(d.ceiling);
            floor_.push_back(layer.noise_floor);
            any_corrected_ = any_corrected_ || corrected;
        }
    }

    static double largest(const Series& series) {
        double most = -std::numeric_limits<double>::infinity();
        for (const double v : series)
            if (std::isfinite(v)) most = std::max(most, v);
        return most;
    }

    static bool any(const Series& series) {
        return std::any_of(series.begin(), series.end(), [](double v) { return std::isfinite(v); });
    }

    std::string title() const {
        const Verdict& v = analysis_.verdict;
        if (v.headline.empty()) return "Divergence of expert use over the layers";
        if (!std::isfinite(v.d_late.value)) return v.headline;
        return v.headline + ": late " + interval_text(v.d_late) + ", early " +
               interval_text(v.d_early);
    }

    std::string subtitle() const {
        return "Divergence of expert use between " + group_noun(analysis_.options.by) +
               ": 0 where all use the same experts, 1 where none share any. " +
               experts_sentence(analysis_) + ". " + sample_sentence(analysis_, looks_);
    }

    double untitled() {
        page_.entitle(title(), subtitle());
        return kMargin;
    }

    // Room for the names of the windows and the onset above, for axis and notes below.
    void place_plot(double top) {
        constexpr double kLeft = 34, kRight = 158;
        const bool windows = std::isfinite(analysis_.verdict.middle);
        const double header =
            (windows ? 3 * kLine + 4 : kLine) + (analysis_.verdict.onset ? 18 : 6);
        header_top_ = top;
        plot_.x = kMargin + kLeft;
        plot_.y = top + header;
        plot_.width = page_.width() - plot_.x - kMargin - kRight;
        plot_.height = kPlotHeight;
        if (options_.height > 0)
            plot_.height = std::max(80.0, options_.height - plot_.y - notes_height() - 60);
        const double data = std::max({largest(curve_), largest(observed_), largest(high_),
                                      largest(band_), largest(floor_), 0.02});
        const double ceiling = largest(ceiling_);
        // A ceiling far above everything would press the curve flat: it is then named, not drawn.
        ceiling_in_view_ = std::isfinite(ceiling) && ceiling < 3.2 * data;
        const double lowest = std::min({0.0, smallest(low_), smallest(curve_), smallest(floor_)});
        high_end_ = (ceiling_in_view_ ? std::max(ceiling, data) : data) * 1.06;
        low_end_ = lowest < 0 ? lowest * 1.1 : 0;
    }

    static double smallest(const Series& series) {
        double least = std::numeric_limits<double>::infinity();
        for (const double v : series)
            if (std::isfinite(v)) least = std::min(least, v);
        return least;
    }

    double x(std::size_t i) const { return x_of(layers_[i]); }

    // Layers stand where their number says: dense layers between them leave a gap.
    double x_of(double layer) const {
        const double span = layers_.size() > 1 ? layers_.back() - layers_.front() : 0;
        if (span <= 0) return plot_.x + plot_.width / 2;
        constexpr double kInset = 10;
        return plot_.x + kInset + (layer - layers_.front()) / span * (plot_.width - 2 * kInset);
    }

    double y(double value) const {
        return plot_.y + plot_.height * (1 - (value - low_end_) / (high_end_ - low_end_));
    }

    double bottom() const { return plot_.y + plot_.height; }

    // Early, middle, late: the middle is shaded, each is named with its mean above the plot.
    void draw_windows() {
        const Verdict& v = analysis_.verdict;
        if (!std::isfinite(v.middle)) return;
        const double first_edge = (x_of(v.early_layers.last) + x_of(v.middle_layers.first)) / 2;
        const double second_edge = (x_of(v.middle_layers.last) + x_of(v.late_layers.first)) / 2;
        page_.add(RectShape{.rect = {first_edge, plot_.y, second_edge - first_edge, plot_.height},
                            .fill = theme_.panel});
        draw_window({"early", v.early, v.early_layers, &v.d_early}, plot_.x, first_edge);
        draw_window({"middle", v.middle, v.middle_layers, nullptr}, first_edge, second_edge);
        draw_window({"late", v.late, v.late_layers, &v.d_late}, second_edge, plot_.x + plot_.width);
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

    void draw_grid() {
        const Ticks ticks = round_ticks(low_end_, high_end_, 6);
        for (const double tick : ticks.at) {
            const bool zero = std::abs(tick) < 1e-12;
            page_.add(LineShape{{{plot_.x, y(tick)}, {plot_.x + plot_.width, y(tick)}},
                                zero ? theme_.muted : theme_.grid,
                                zero ? 0.75 : 0.5});
            page_.text(fixed_text(tick, ticks.digits), small_style(), theme_.muted,
                       {{plot_.x - 6, y(tick)}, HAlign::right, VAlign::middle});
        }
        std::vector<double> places;
        double widest = 0;
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            places.push_back(x(i));
            widest = std::max(widest, page_.width_of(std::to_string(layers_[i]), small_style()));
        }
        const std::size_t step = label_step(places, widest + 4);
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            const bool named = i % step == 0;
            page_.add(LineShape{
                {{x(i), bottom()}, {x(i), bottom() + (named ? 3 : 2)}}, theme_.muted, 0.5});
            if (named)
                page_.text(std::to_string(layers_[i]), small_style(), theme_.muted,
                           {{x(i), bottom() + 5}, HAlign::center, VAlign::top});
        }
        page_.text("layer", small_style(), theme_.muted,
                   {{plot_.x - 6, bottom() + 5}, HAlign::right, VAlign::top});
    }

    void draw_missing_layers() {
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            if (std::isfinite(curve_[i])) continue;
            RectShape gap{.rect = {x(i) - 3, plot_.y, 6, plot_.height}, .fill = theme_.missing};
            gap.hatched = true;
            gap.hatch = theme_.muted;
            page_.add(gap);
        }
    }

    // Runs of layers at which all given series have a value.
    template <typename Draw>
    void for_runs(const std::vector<const Series*>& series, const Draw& draw) const {
        std::vector<std::size_t> run;
        for (std::size_t i = 0; i <= layers_.size(); ++i) {
            const bool here = i < layers_.size() &&
                              std::all_of(series.begin(), series.end(),
                                          [i](const Series* s) { return std::isfinite((*s)[i]); });
            if (here) {
                run.push_back(i);
            } else if (!run.empty()) {
                draw(run);
                run.clear();
            }
        }
    }

    // The area between two series; a single layer gets a bar.
    void draw_area(const Series& low, const Series& high, Color fill) {
        for_runs({&low, &high}, [&](const std::vector<std::size_t>& run) {
            constexpr double kHalf = 4;
            std::vector<Point> outline;
            for (const std::size_t i : run) outline.push_back({x(i), y(high[i])});
            for (auto i = run.rbegin(); i != run.rend(); ++i)
                outline.push_back({x(*i), y(low[*i])});
            if (run.size() == 1) {
                const double at = x(run[0]), h = y(high[run[0]]), l = y(low[run[0]]);
                outline = {{at - kHalf, h}, {at + kHalf, h}, {at + kHalf, l}, {at - kHalf, l}};
            }
            page_.add(PolygonShape{std::move(outline), fill});
        });
    }

    void draw_series(const Series& series, const LineShape& look) {
        for_runs({&series}, [&](const std::vector<std::size_t>& run) {
            LineShape line = look;
            for (const std::size_t i : run) line.points.push_back({x(i), y(series[i])});
            if (run.size() == 1) {
                const Point at = line.points[0];
                line.points = {{at.x - 6, at.y}, {at.x + 6, at.y}};
            }
            page_.add(std::move(line));
        });
    }

    void label_end(const Series& series, std::string text, Color color, bool bold = false) {
        for (std::size_t i = series.size(); i-- > 0;)
            if (std::isfinite(series[i])) {
                ends_.push_back({y(series[i]), std::move(text), color, bold});
                return;
            }
    }

    void draw_band() {
        if (!any(band_)) return;
        draw_area(Series(band_.size(), 0.0), band_, with_alpha(theme_.muted, 70));
        label_end(band_, "shuffled labels reach this", theme_.muted);
    }

    void draw_lines() {
        if (any(ceiling_) && ceiling_in_view_) {
            draw_series(ceiling_, {{}, theme_.muted, 0.9, {6, 3}});
            label_end(ceiling_, "ceiling " + fixed_text(ceiling_.back(), 2), theme_.muted);
        }
        if (any(floor_)) {
            draw_series(floor_, {{}, theme_.muted, 1, {1.5, 2.5}});
            label_end(floor_, "noise floor", theme_.muted);
        }
    }

    void draw_onset() {
        const auto& onset = analysis_.verdict.onset;
        if (!onset) return;
        const double at = x_of(onset->layer), low = x_of(onset->low), high = x_of(onset->high);
        const double line = plot_.y - 8;
        page_.add(LineShape{{{at, line}, {at, bottom()}}, theme_.text, 0.75, {2, 2.5}});
        page_.add(LineShape{{{low, line}, {high, line}}, theme_.text, 1});
        for (const double end : {low, high})
            page_.add(LineShape{{{end, line - 3}, {end, line + 3}}, theme_.text, 1});
        page_.add(CircleShape{{at, line}, 2.2, theme_.text});
        std::string text = "apart from layer " + std::to_string(onset->layer) + " on";
        if (onset->low != onset->high)
            text += " [" + std::to_string(onset->low) + ", " + std::to_string(onset->high) + "]";
        const double width = page_.width_of(text, small_style());
        const bool left = low - 8 - width >= plot_.x;
        page_.text(text, small_style(), theme_.text,
                   {{left ? low - 6 : high + 6, line},
                    left ? HAlign::right : HAlign::left,
                    VAlign::middle});
    }

    void draw_curve() {
        const bool interval = any(low_) && any(high_);
        if (interval) draw_area(low_, high_, with_alpha(theme_.accent, 56));
        draw_series(curve_, {{}, theme_.accent, 1.8});
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            if (!std::isfinite(curve_[i])) continue;
            const int datum = page_.datum(datum_at(i));
            if (any_corrected_ && std::abs(y(observed_[i]) - y(curve_[i])) > 1.5)
                page_.add(CircleShape{
                    {x(i), y(observed_[i])}, 1.4, theme_.background, theme_.muted, 0.7});
            const double radius = layers_.size() > 30 ? 1.8 : 2.6;
            page_.add(
                CircleShape{{x(i), y(curve_[i])}, radius, theme_.background, theme_.accent, 1.4},
                datum);
        }
        label_end(curve_, any_corrected_ ? "divergence, corrected" : "divergence, as observed",
                  readable_on(theme_.accent, theme_.background), true);
    }

    Datum datum_at(std::size_t i) const {
        const Divergence& d = analysis_.layers[i].divergence;
        return {.kind = "layer",
                .layer = layers_[i],
                .group = {},
                .values = {{"divergence", curve_[i]},
                           {"low", d.low},
                           {"high", d.high},
                           {"as observed", d.value},
                           {"shuffled labels reach", d.band},
                           {"noise floor", analysis_.layers[i].noise_floor},
                           {"ceiling", d.ceiling},
                           {"share of ceiling", d.relative}}};
    }

    void draw_end_labels() {
        std::vector<double> wanted;
        for (const EndLabel& label : ends_) wanted.push_back(label.y);
        const std::vector<double> places =
            spread_labels(wanted, kLine, plot_.y - kLine, bottom() + kLine / 2);
        const double edge = plot_.x + plot_.width;
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
        if (any(ceiling_) && !ceiling_in_view_)
            page_.text("ceiling " + fixed_text(largest(ceiling_), 2) + ", above this scale",
                       small_style(), theme_.muted,
                       {{edge + 15, header_top_}, HAlign::left, VAlign::top});
    }

    // What each mark means, in the order of the picture from the top down; then what is absent.
    std::vector<std::string> notes() const {
        std::vector<std::string> out;
        const std::string who = group_noun(analysis_.options.by);
        std::string curve =
            any_corrected_ ? "Line: corrected for the size of the sample" : "Line: as observed";
        if (any(low_)) curve += ", with 95 % interval (shaded)";
        if (any_corrected_) curve += "; open grey dots: as observed, where they differ";
        if (std::isfinite(analysis_.verdict.middle))
            curve += ". Above: mean share of the ceiling, and its difference from the middle";
        out.push_back(curve + ".");
        std::string rest = "Ceiling: the most that " + experts_sentence(analysis_) + " allow " +
                           std::to_string(analysis_.groups.size()) + ' ' + who + ".";
        if (any(band_))
            rest +=
                " Grey band: 95 % of shuffled labels stay inside it, in all layers at once; "
                "compare with the observed value.";
        if (any(floor_))
            rest +=
                " Noise floor: prompts of one of the " + who + " split as if they were several.";
        out.push_back(rest);
        const std::string absent = absent_text();
        if (!absent.empty()) out.push_back(absent);
        return out;
    }

    // "No interval, no noise floor: prompts unknown ...", one sentence per reason.
    std::string absent_text() const {
        std::vector<std::pair<std::string, std::string>> reasons;  // reason, what is missing
        const auto note = [&](bool shown, const char* field, const std::string& what) {
            const auto at = analysis_.missing.find(field);
            if (shown || at == analysis_.missing.end()) return;
            for (auto& [reason, list] : reasons)
                if (reason == at->second) {
                    list += ", no " + what;
                    return;
                }
            reasons.emplace_back(at->second, "No " + what);
        };
        note(any(low_), "divergence.low", "interval");
        const bool band_explained = analysis_.missing.contains("divergence.band");
        note(any(band_), band_explained ? "divergence.band" : "divergence.null_mean",
             "band of shuffled labels");
        note(any(floor_), "noise_floor", "noise floor");
        std::string out;
        for (const auto& [reason, list] : reasons)
            out += (out.empty() ? "" : " ") + list + ": " + reason + ".";
        return out;
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
        for (const std::string& note : notes())
            at = page.paragraph(note, small_style(), theme_.muted, notes_place(at)) + 2;
        return at;
    }

    double draw_notes() { return write_notes(page_, bottom() + 5 + 2 * kLine); }

    const Analysis& analysis_;
    const DivergenceOptions& options_;
    const std::vector<GroupLook> looks_;
    Page page_;
    const Theme& theme_;

    std::vector<int> layers_;
    Series curve_, observed_, low_, high_, band_, ceiling_, floor_;
    bool any_corrected_ = false, ceiling_in_view_ = false;

    double header_top_ = 0;
    Rect plot_;
    double low_end_ = 0, high_end_ = 1;
    std::vector<EndLabel> ends_;
};

}  // namespace

Figure divergence_figure(const Analysis& analysis, const DivergenceOptions& options,
                         const Theme& theme, const TextMeter& meter) {
    return DivergencePlot(analysis, options, theme, meter).draw();
}

}  // namespace alluvium
