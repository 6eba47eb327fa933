#include "analysis/figures/training_figure.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "analysis/figures/axis.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 640;
constexpr double kDefaultPlot = 170;
constexpr double kLeft = 40;       // for the numbers of the value axis
constexpr double kRight = 110;     // for the names of the runs
constexpr double kBelow = 14;      // for the steps
constexpr double kGap = 12;        // between panels
constexpr double kLoss = 2.2;      // height of the first panel, in heights of the others
constexpr double kSegments = 160;  // pieces of a curve that can be pointed at

struct Curve {
    std::size_t run = 0;
    std::vector<double> steps, values;  // of the same length; not finite: missing
    bool raw = false;                   // show every value behind the mean
    std::vector<Point> marks = {};      // (step, value) of circles
};

struct Panel {
    std::string title;
    std::string value;  // what a value is called, for hovering
    std::vector<Curve> curves;
    double share = 1;  // of the height
};

std::vector<double> column(const TrainingRun& run, double TrainingStep::*field) {
    std::vector<double> values;
    for (const TrainingStep& step : run.steps) values.push_back(step.*field);
    return values;
}

std::vector<double> steps_of(const TrainingRun& run) {
    std::vector<double> steps;
    for (const TrainingStep& step : run.steps) steps.push_back(static_cast<double>(step.step));
    return steps;
}

Panel panel_of(const std::vector<TrainingRun>& runs, std::string title, std::string value,
               double TrainingStep::*field) {
    Panel panel{.title = std::move(title), .value = std::move(value), .curves = {}};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        Curve curve{i, steps_of(runs[i]), column(runs[i], field)};
        const bool any = std::any_of(curve.values.begin(), curve.values.end(),
                                     [](double v) { return std::isfinite(v); });
        if (any) panel.curves.push_back(std::move(curve));
    }
    return panel;
}

std::vector<Panel> panels_of(const std::vector<TrainingRun>& runs) {
    std::vector<Panel> panels;
    panels.push_back(
        panel_of(runs, "Loss, nats per token; circles: validation", "loss", &TrainingStep::loss));
    panels.back().share = kLoss;
    for (Curve& curve : panels.back().curves) {
        curve.raw = true;
        for (const ValidationLoss& loss : runs[curve.run].validation) {
            if (loss.language != "mean" || !std::isfinite(loss.nats_per_token)) continue;
            curve.marks.push_back({static_cast<double>(loss.step), loss.nats_per_token});
        }
    }
    panels.push_back(panel_of(runs, "Entropy of the routers, nats; lower: surer", "routing entropy",
                              &TrainingStep::routing_entropy));
    panels.push_back(panel_of(runs, "Tokens whose router chooses their language's expert, share",
                              "own expert share", &TrainingStep::own_expert_share));
    std::erase_if(panels, [](const Panel& panel) { return panel.curves.empty(); });
    return panels;
}

std::size_t smoothing_window(std::size_t steps) {
    return std::max<std::size_t>(1,
                                 static_cast<std::size_t>(kSmoothing * static_cast<double>(steps)));
}

ValueScale scale_of(const Panel& panel, const Rect& plot) {
    constexpr double kFar = std::numeric_limits<double>::infinity();
    ValueScale scale{plot, kFar, -kFar};
    const auto include = [&scale](double value) {
        if (!std::isfinite(value)) return;
        scale.low = std::min(scale.low, value);
        scale.high = std::max(scale.high, value);
    };
    for (const Curve& curve : panel.curves) {
        for (const double value : curve.values) include(value);
        for (const Point& mark : curve.marks) include(mark.y);
    }
    if (!(scale.low <= scale.high)) return {plot};
    const double air = std::max(0.06 * (scale.high - scale.low), 1e-3);
    return {plot, scale.low - air, scale.high + air};
}

class PanelPainter {
  public:
    PanelPainter(Page& page, const Panel& panel, const std::vector<TrainingRun>& runs, Rect plot,
                 double last_step)
        : page_(page),
          panel_(panel),
          runs_(runs),
          plot_(plot),
          scale_(scale_of(panel, plot)),
          last_step_(last_step) {}

    void draw() {
        draw_axes();
        for (const Curve& curve : panel_.curves) {
            if (curve.raw) draw_raw(curve);
        }
        for (const Curve& curve : panel_.curves) draw_mean(curve);
        for (const Curve& curve : panel_.curves) draw_marks(curve);
        draw_names();
    }

  private:
    double x(double step) const {
        const double from = last_step_ > 1 ? (step - 1) / (last_step_ - 1) : 0.5;
        return plot_.x + plot_.width * from;
    }
    double y(double value) const { return scale_.y(value); }
    Color color(const Curve& curve) const {
        return selection_palette(page_.theme())[curve.run % kMaxSelected];
    }

    void draw_axes() {
        const Theme& theme = page_.theme();
        page_.text(panel_.title, small_style(), theme.text,
                   {{plot_.x, plot_.y - 4}, HAlign::left, VAlign::bottom});
        const std::size_t most = plot_.height > 90 ? 6 : 4;
        draw_value_axis(page_, scale_, most);
        const Ticks steps = round_ticks(1, std::max(last_step_, 2.0), 8);
        for (const double tick : steps.at) {
            page_.text(thousands_text(static_cast<std::uint64_t>(tick)), small_style(), theme.muted,
                       {{x(tick), plot_.y + plot_.height + 3}, HAlign::center, VAlign::top});
        }
    }

    // The range of the values under each point of the page.
    void draw_raw(const Curve& curve) {
        Color color = this->color(curve);
        color.a = 70;
        LineShape line{{}, color, 0.7};
        const std::size_t bin = std::max<std::size_t>(
            1, static_cast<std::size_t>(static_cast<double>(curve.values.size()) / plot_.width));
        for (std::size_t first = 0; first < curve.values.size(); first += bin) {
            const std::size_t end = std::min(first + bin, curve.values.size());
            const auto [low, high] =
                std::minmax_element(curve.values.begin() + static_cast<std::ptrdiff_t>(first),
                                    curve.values.begin() + static_cast<std::ptrdiff_t>(end));
            if (!std::isfinite(*low) || !std::isfinite(*high)) continue;
            line.points.push_back({x(curve.steps[first]), y(*low)});
            if (bin > 1) line.points.push_back({x(curve.steps[first]), y(*high)});
        }
        if (line.points.size() > 1) page_.add(std::move(line));
    }

    // In pieces, each with the numbers of its last step.
    void draw_mean(const Curve& curve) {
        const std::vector<double> mean =
            running_mean(curve.values, smoothing_window(curve.values.size()));
        const std::size_t piece = std::max<std::size_t>(
            1, static_cast<std::size_t>(static_cast<double>(mean.size()) / kSegments));
        for (std::size_t from = 0; from < mean.size(); from += piece) {
            const std::size_t to = std::min(from + piece, mean.size() - 1);
            LineShape line{{}, color(curve), 1.6};
            for (const std::size_t i : {from, to}) {
                if (std::isfinite(mean[i])) line.points.push_back({x(curve.steps[i]), y(mean[i])});
            }
            if (line.points.size() < 2 || from == to) continue;
            page_.add(std::move(line), datum("step", curve, curve.steps[to],
                                             {{panel_.value, curve.values[to]},
                                              {panel_.value + ", running mean", mean[to]}}));
        }
        if (mean.size() == 1 && std::isfinite(mean[0])) {
            page_.add(
                CircleShape{
                    .center = {x(curve.steps[0]), y(mean[0])}, .radius = 2, .fill = color(curve)},
                datum("step", curve, curve.steps[0], {{panel_.value, curve.values[0]}}));
        }
    }

    void draw_marks(const Curve& curve) {
        for (const Point& mark : curve.marks) {
            page_.add(CircleShape{.center = {x(mark.x), y(mark.y)},
                                  .radius = 3.2,
                                  .fill = page_.theme().background,
                                  .stroke = color(curve),
                                  .stroke_width = 1.5},
                      datum("validation", curve, mark.x, {{"validation loss", mark.y}}));
        }
    }

    int datum(const char* kind, const Curve& curve, double step, std::vector<Value> values) {
        values.insert(values.begin(), {"step", step});
        return page_.datum(
            {.kind = kind, .group = runs_[curve.run].name, .values = std::move(values)});
    }

    // At the right end of the curves, kept apart.
    void draw_names() {
        std::vector<double> wanted;
        std::vector<std::string> names;
        for (const Curve& curve : panel_.curves) {
            const std::vector<double> mean =
                running_mean(curve.values, smoothing_window(curve.values.size()));
            const double last = mean.back();
            wanted.push_back(std::isfinite(last) ? y(last) : plot_.y);
            names.push_back(fixed_text(last, 3) +
                            (runs_.size() > 1 ? "  " + runs_[curve.run].name : std::string()));
        }
        const std::vector<double> at =
            spread_labels(wanted, kLeading * kSmallSize, plot_.y - 4, plot_.y + plot_.height + 4);
        for (std::size_t i = 0; i < at.size(); ++i) {
            page_.text(shortened(names[i], small_style(), kRight - 8, page_.meter()), small_style(),
                       color(panel_.curves[i]),
                       {{plot_.x + plot_.width + 6, at[i]}, HAlign::left, VAlign::middle});
        }
    }

    Page& page_;
    const Panel& panel_;
    const std::vector<TrainingRun>& runs_;
    Rect plot_;
    ValueScale scale_;
    double last_step_;
};

std::string steps_text(const TrainingRun& run) {
    const auto done = static_cast<std::uint64_t>(run.steps.empty() ? 0 : run.steps.back().step);
    if (run.planned_steps <= 0) return thousands_text(done) + " steps";
    return thousands_text(done) + " of " +
           thousands_text(static_cast<std::uint64_t>(run.planned_steps)) + " steps";
}

std::string title_of(const std::vector<TrainingRun>& runs) {
    if (runs.size() != 1) return "Training runs, " + std::to_string(runs.size());
    const TrainingRun& run = runs.front();
    if (run.steps.empty()) return run.name + ": no step yet";
    const std::vector<double> loss =
        running_mean(column(run, &TrainingStep::loss), smoothing_window(run.steps.size()));
    return run.name + ": loss " + fixed_text(loss.front(), 3) + " to " +
           fixed_text(loss.back(), 3) + " nats per token";
}

std::string subtitle_of(const std::vector<TrainingRun>& runs) {
    std::string text;
    for (const TrainingRun& run : runs) {
        if (!text.empty()) text += "; ";
        if (runs.size() > 1) text += run.name + " ";
        text += steps_text(run);
        if (run.steps.empty()) continue;
        text += ", " + thousands_text(run.steps.back().tokens) + " tokens";
    }
    return text + ". Bold: mean over 2 % of the steps";
}

double last_step(const std::vector<TrainingRun>& runs) {
    std::int64_t last = 1;
    for (const TrainingRun& run : runs) {
        last = std::max(last, run.planned_steps);
        if (!run.steps.empty()) last = std::max(last, run.steps.back().step);
    }
    return static_cast<double>(last);
}

}  // namespace

std::vector<double> running_mean(const std::vector<double>& values, std::size_t window) {
    std::vector<double> means;
    means.reserve(values.size());
    std::deque<double> last;
    for (const double value : values) {
        if (std::isfinite(value)) last.push_back(value);
        if (last.size() > window) last.pop_front();
        double sum = 0;
        for (const double v : last) sum += v;
        means.push_back(last.empty() ? std::numeric_limits<double>::quiet_NaN()
                                     : sum / static_cast<double>(last.size()));
    }
    return means;
}

Figure training_figure(const std::vector<TrainingRun>& runs, const TrainingFigureOptions& options,
                       const Theme& theme, const TextMeter& meter) {
    Page page("training", options.width > 0 ? options.width : kDefaultWidth, theme, meter);
    double y = kMargin;
    if (options.heading) {
        y = page.heading(title_of(runs), subtitle_of(runs));
    } else {
        page.entitle(title_of(runs), subtitle_of(runs));
    }
    const std::vector<Panel> panels = panels_of(runs);
    double shares = 0;
    for (const Panel& panel : panels) shares += panel.share;
    const double title = kLeading * kSmallSize + 8;
    const double around = title + kBelow + kGap;
    const double room = options.height - y - kMargin - around * static_cast<double>(panels.size());
    const double unit =
        options.height > 0 && shares > 0 ? std::max(room / shares, 30.0) : kDefaultPlot / kLoss;
    for (const Panel& panel : panels) {
        y += title;
        const Rect plot{kMargin + kLeft, y, page.width() - 2 * kMargin - kLeft - kRight,
                        unit * panel.share};
        PanelPainter(page, panel, runs, plot, last_step(runs)).draw();
        y += plot.height + kBelow + kGap;
    }
    page.text("step", small_style(), theme.muted,
              {{page.width() - kMargin - kRight, y - kGap}, HAlign::right, VAlign::top});
    return std::move(page).finish(std::max(y + kMargin, options.height));
}

}  // namespace alluvium
