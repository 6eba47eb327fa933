#include "analysis/figures/stream_figure.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/figures/axis.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/page.h"
#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

constexpr double kDefaultWidth = 640;
constexpr double kDefaultPlot = 118;
constexpr double kLeft = 40;    // for the numbers of the value axis
constexpr double kRight = 128;  // for the names of the runs
constexpr double kRightAlone = 40;
constexpr double kBelow = 14;  // for the layers
constexpr double kGap = 14;    // between panels

struct Dot {
    double depth = 0;  // 0: before layer 0, 1: after the last
    int layer = 0;
    Estimate value;
    bool routed = false;
    double reference = kMissing;  // what chance gives
};

struct Curve {
    std::size_t run = 0;
    std::vector<Dot> dots;
};

struct Panel {
    std::string title;
    std::string value;      // what a value is called, in the data
    std::string reference;  // what the dashed line is called; empty: none
    std::vector<Curve> curves;
};

// The checkpoint's; of a trace that does not say, the last that is known.
LayerId last_layer(const StreamRun& run) {
    auto last = static_cast<LayerId>(run.stream.model.layer_count - 1);
    if (!run.stream.layers.empty()) last = std::max(last, run.stream.layers.back().layer);
    if (!run.routing.empty()) last = std::max(last, run.routing.back().layer);
    return last;
}

double depth_of(const StreamRun& run, LayerId layer) {
    return (layer + 1.0) / (last_layer(run) + 1.0);
}

template <typename Value>
Panel stream_panel(const std::vector<StreamRun>& runs, Panel panel, Value value) {
    for (std::size_t r = 0; r < runs.size(); ++r) {
        Curve curve{.run = r, .dots = {}};
        for (const StreamLayer& layer : runs[r].stream.layers) {
            Dot dot{.depth = depth_of(runs[r], layer.layer), .layer = layer.layer, .value = {}};
            dot.routed = layer.routed;
            value(layer, dot);
            if (dot.value.has_value()) curve.dots.push_back(dot);
        }
        if (!curve.dots.empty()) panel.curves.push_back(std::move(curve));
    }
    return panel;
}

bool has_random_routers(const StreamRun& run) {
    return std::ranges::any_of(
        run.routing, [](const RoutedPoint& point) { return std::isfinite(point.random); });
}

Panel routing_panel(const std::vector<StreamRun>& runs) {
    Panel panel{"Routing: how far the experts chosen lie apart, share of what is possible",
                "relative divergence",
                {},
                {}};
    if (std::ranges::any_of(runs, has_random_routers)) {
        panel.title += "; dashed: by routers that learned nothing";
        panel.reference = "random routers";
    }
    for (std::size_t r = 0; r < runs.size(); ++r) {
        Curve curve{.run = r, .dots = {}};
        for (const RoutedPoint& point : runs[r].routing) {
            if (!point.relative.has_value()) continue;
            curve.dots.push_back({.depth = depth_of(runs[r], point.layer),
                                  .layer = point.layer,
                                  .value = point.relative,
                                  .routed = true,
                                  .reference = point.random});
        }
        if (!curve.dots.empty()) panel.curves.push_back(std::move(curve));
    }
    return panel;
}

std::vector<Panel> panels_of(const std::vector<StreamRun>& runs) {
    const std::string noun = group_noun(runs.front().stream.by);
    std::vector<Panel> panels;
    panels.push_back(stream_panel(
        runs,
        {"Residual stream: share of the prompts' variance that is between " + noun,
         "language variance",
         "",
         {}},
        [](const StreamLayer& layer, Dot& dot) { dot.value = layer.language_variance; }));
    panels.push_back(stream_panel(
        runs,
        {"Held-out prompts that the nearest centroid tells; dashed: chance", "told", "chance", {}},
        [](const StreamLayer& layer, Dot& dot) {
            dot.value = layer.probe.accuracy;
            dot.reference = layer.probe.chance;
        }));
    panels.push_back(
        stream_panel(runs,
                     {"Distance of translations, 1 - cosine; dashed: of different sentences",
                      "translation distance",
                      "different sentences",
                      {}},
                     [](const StreamLayer& layer, Dot& dot) {
                         dot.value = layer.translations.distance;
                         dot.reference = layer.translations.unrelated;
                     }));
    panels.push_back(routing_panel(runs));
    std::erase_if(panels, [](const Panel& panel) { return panel.curves.empty(); });
    return panels;
}

// Of what is drawn: a depth curve is about differences, which an axis from 0 would hide.
ValueScale scale_of(const Panel& panel, const Rect& plot) {
    constexpr double kFar = std::numeric_limits<double>::infinity();
    ValueScale scale{plot, kFar, -kFar};
    for (const Curve& curve : panel.curves) {
        for (const Dot& dot : curve.dots) {
            for (const double v : {dot.value.value, dot.value.low, dot.value.high, dot.reference}) {
                if (!std::isfinite(v)) continue;
                scale.low = std::min(scale.low, v);
                scale.high = std::max(scale.high, v);
            }
        }
    }
    const double air = 0.06 * std::max(scale.high - scale.low, 1e-3);
    return {plot, scale.low - air, scale.high + air};
}

// Layers of the runs where all have as many; 0 where they differ.
int common_layers(const std::vector<StreamRun>& runs) {
    for (const StreamRun& run : runs) {
        if (last_layer(run) != last_layer(runs.front())) return 0;
    }
    return last_layer(runs.front()) + 1;
}

class PanelPainter {
  public:
    PanelPainter(Page& page, const Panel& panel, const std::vector<StreamRun>& runs, Rect plot)
        : page_(page), panel_(panel), runs_(runs), plot_(plot), scale_(scale_of(panel, plot)) {}

    void draw() {
        draw_axes();
        for (const Curve& curve : panel_.curves) draw_band(curve);
        for (const Curve& curve : panel_.curves) draw_reference(curve);
        for (const Curve& curve : panel_.curves) draw_curve(curve);
        draw_names();
    }

  private:
    double x(double depth) const { return plot_.x + plot_.width * depth; }
    double y(double value) const { return scale_.y(value); }
    Color color(const Curve& curve) const {
        return selection_palette(page_.theme())[curve.run % kMaxSelected];
    }

    void draw_axes() {
        const Theme& theme = page_.theme();
        page_.text(panel_.title, small_style(), theme.text,
                   {{plot_.x, plot_.y - 6}, HAlign::left, VAlign::bottom});
        draw_value_axis(page_, scale_, 4);
        if (const int layers = common_layers(runs_); layers > 0) {
            draw_layers(layers);
        } else {
            for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
                label_depth(share, fixed_text(100 * share, 0) + " %");
            }
        }
    }
    void label_depth(double depth, const std::string& text) {
        page_.text(text, small_style(), page_.theme().muted,
                   {{x(depth), plot_.y + plot_.height + 3}, HAlign::center, VAlign::top});
    }
    void draw_layers(int layers) {
        std::vector<double> places;
        for (int layer = 0; layer < layers; ++layer) {
            places.push_back(x((layer + 1.0) / layers));
        }
        const std::size_t step = label_step(places, 16);
        for (std::size_t l = 0; l < places.size(); l += step) {
            label_depth((static_cast<double>(l) + 1) / layers, std::to_string(l));
        }
        const bool embedding = std::ranges::any_of(
            panel_.curves, [](const Curve& curve) { return curve.dots.front().layer < 0; });
        if (embedding) label_depth(0, "emb.");
    }

    void draw_band(const Curve& curve) {
        Color fill = color(curve);
        fill.a = 45;
        std::vector<Point> outline;
        for (const Dot& dot : curve.dots) {
            if (dot.value.has_interval()) outline.push_back({x(dot.depth), y(dot.value.high)});
        }
        for (auto dot = curve.dots.rbegin(); dot != curve.dots.rend(); ++dot) {
            if (dot->value.has_interval()) outline.push_back({x(dot->depth), y(dot->value.low)});
        }
        if (outline.size() > 2) page_.add(PolygonShape{std::move(outline), fill});
    }
    // What chance gives, in the curve's colour where runs differ in it.
    void draw_reference(const Curve& curve) {
        LineShape line{{}, color(curve), 0.8, {3, 3}};
        for (const Dot& dot : curve.dots) {
            if (std::isfinite(dot.reference))
                line.points.push_back({x(dot.depth), y(dot.reference)});
        }
        if (line.points.size() > 1) page_.add(std::move(line));
    }
    void draw_curve(const Curve& curve) {
        LineShape line{{}, color(curve), 1.5};
        for (const Dot& dot : curve.dots) line.points.push_back({x(dot.depth), y(dot.value.value)});
        if (line.points.size() > 1) page_.add(std::move(line));
        for (const Dot& dot : curve.dots) {
            page_.add(CircleShape{.center = {x(dot.depth), y(dot.value.value)},
                                  .radius = 2.4,
                                  .fill = dot.routed ? color(curve) : page_.theme().background,
                                  .stroke = color(curve),
                                  .stroke_width = 1.2},
                      datum(curve, dot));
        }
    }
    int datum(const Curve& curve, const Dot& dot) {
        std::vector<Value> values = {
            {panel_.value, dot.value.value}, {"low", dot.value.low}, {"high", dot.value.high}};
        if (!panel_.reference.empty()) values.push_back({panel_.reference, dot.reference});
        return page_.datum({.kind = "stream",
                            .layer = dot.layer,
                            .group = runs_[curve.run].name,
                            .values = std::move(values)});
    }

    // At the right end of the curves, kept apart.
    void draw_names() {
        std::vector<double> wanted;
        for (const Curve& curve : panel_.curves) {
            wanted.push_back(y(curve.dots.back().value.value));
        }
        const std::vector<double> at =
            spread_labels(wanted, kLeading * kSmallSize, plot_.y - 4, plot_.y + plot_.height + 4);
        for (std::size_t i = 0; i < at.size(); ++i) {
            const Curve& curve = panel_.curves[i];
            const std::string text =
                fixed_text(curve.dots.back().value.value) +
                (runs_.size() > 1 ? "  " + runs_[curve.run].name : std::string());
            page_.text(shortened(text, small_style(), kRight - 8, page_.meter()), small_style(),
                       color(curve),
                       {{plot_.x + plot_.width + 8, at[i]}, HAlign::left, VAlign::middle});
        }
    }

    Page& page_;
    const Panel& panel_;
    const std::vector<StreamRun>& runs_;
    Rect plot_;
    ValueScale scale_;
};

double right_of(const std::vector<StreamRun>& runs) {
    return runs.size() > 1 ? kRight : kRightAlone;
}

std::string title_of(const std::vector<StreamRun>& runs) {
    const std::string noun = group_noun(runs.front().stream.by);
    if (runs.size() == 1) return runs.front().name + ": where " + noun + " lie apart, by depth";
    return "Where " + noun + " lie apart, by depth: " + std::to_string(runs.size()) +
           " checkpoints";
}

std::string subtitle_of(const std::vector<StreamRun>& runs) {
    const StreamAnalysis& first = runs.front().stream;
    std::string text = thousands_text(first.groups.size()) + " " + group_noun(first.by);
    if (first.design.prompts > 0) {  // imported counts have none
        text += ", " + thousands_text(first.design.units) + " " + first.design.unit_name + ", " +
                thousands_text(first.design.prompts) + " prompts";
    }
    if (!first.design.prompt_set_name.empty()) text += " of '" + first.design.prompt_set_name + "'";
    if (!first.where.empty()) text += " where " + first.where;
    return text + ". Bands: 95 % intervals";
}

// What the prompts of the others differ in: then the curves do not compare.
std::string warning_of(const std::vector<StreamRun>& runs) {
    for (const StreamRun& run : runs) {
        const PromptDesign& a = runs.front().stream.design;
        const PromptDesign& b = run.stream.design;
        if (a.prompt_set != b.prompt_set || a.prompts != b.prompts) {
            return " " + run.name + " has other prompts than " + runs.front().name +
                   ": heights do not compare.";
        }
    }
    return {};
}

std::string missing_of(const std::vector<StreamRun>& runs) {
    std::string text;
    for (const StreamRun& run : runs) {
        if (!run.missing.empty()) text += " " + run.name + ": " + run.missing + ".";
    }
    return text;
}

std::string note_of(const std::vector<StreamRun>& runs) {
    std::string text =
        "Filled: after a layer with a router; hollow: after one without, or the embedding (emb.). "
        "Axes need not start at 0. The "
        "stream is one vector per prompt, the mean of h / rms(h) over its tokens. Formulas: "
        "docs/metrics.md.";
    text += warning_of(runs) + missing_of(runs);
    const std::string& sentence = runs.front().stream.sentence;
    if (runs.size() == 1 && !sentence.empty()) text = sentence + " " + text;
    return text;
}

}  // namespace

Figure stream_figure(const std::vector<StreamRun>& runs, const StreamFigureOptions& options,
                     const Theme& theme, const TextMeter& meter) {
    Page page("stream", options.width > 0 ? options.width : kDefaultWidth, theme, meter);
    double y = kMargin;
    if (options.heading) {
        y = page.heading(title_of(runs), subtitle_of(runs));
    } else {
        page.entitle(title_of(runs), subtitle_of(runs));
    }
    const std::vector<Panel> panels = panels_of(runs);
    const double title = kLeading * kSmallSize + 10;
    const double around = title + kBelow + kGap;
    const auto count = static_cast<double>(panels.size());
    constexpr double kNotes = 4 * kLeading * kSmallSize;
    const double room = options.height - y - kMargin - kNotes - around * count;
    const double height =
        options.height > 0 && count > 0 ? std::max(room / count, 30.0) : kDefaultPlot;
    for (const Panel& panel : panels) {
        y += title;
        const Rect plot{kMargin + kLeft, y, page.width() - 2 * kMargin - kLeft - right_of(runs),
                        height};
        PanelPainter(page, panel, runs, plot).draw();
        y += plot.height + kBelow + kGap;
    }
    y = page.paragraph(note_of(runs), small_style(), theme.muted,
                       {kMargin, y, page.width() - 2 * kMargin, 0});
    return std::move(page).finish(std::max(y + kMargin, options.height));
}

}  // namespace alluvium
