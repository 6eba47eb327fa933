#include "analysis/figures/layer_plot.h"

#include <algorithm>
#include <cmath>

#include "analysis/figures/axis.h"
#include "analysis/number_text.h"

namespace alluvium {

double LayerPlot::x_of(double layer) const {
    const double span = layers_.size() > 1 ? layers_.back() - layers_.front() : 0;
    if (span <= 0) return plot_.x + plot_.width / 2;
    constexpr double kInset = 10;
    return plot_.x + kInset + (layer - layers_.front()) / span * (plot_.width - 2 * kInset);
}

void LayerPlot::draw_axes() {
    draw_value_axis(page_, scale_, 6);
    draw_layers();
}

void LayerPlot::draw_layers() {
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
            {{x(i), bottom()}, {x(i), bottom() + (named ? 3 : 2)}}, page_.theme().muted, 0.5});
        if (named)
            page_.text(std::to_string(layers_[i]), small_style(), page_.theme().muted,
                       {{x(i), bottom() + 5}, HAlign::center, VAlign::top});
    }
    page_.text("layer", small_style(), page_.theme().muted,
               {{plot_.x - 6, bottom() + 5}, HAlign::right, VAlign::top});
}

void LayerPlot::draw_missing(const Series& series) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (std::isfinite(series[i])) continue;
        RectShape gap{.rect = {x(i) - 3, plot_.y, 6, plot_.height}, .fill = page_.theme().missing};
        gap.hatched = true;
        gap.hatch = page_.theme().muted;
        page_.add(gap);
    }
}

void LayerPlot::for_runs(const std::vector<const Series*>& series,
                         const std::function<void(const std::vector<std::size_t>&)>& draw) const {
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

void LayerPlot::draw_area(const Series& low, const Series& high, Color fill) {
    for_runs({&low, &high}, [&](const std::vector<std::size_t>& run) {
        constexpr double kHalf = 4;
        std::vector<Point> outline;
        for (const std::size_t i : run) outline.push_back({x(i), y(high[i])});
        for (auto i = run.rbegin(); i != run.rend(); ++i) outline.push_back({x(*i), y(low[*i])});
        if (run.size() == 1) {
            const double at = x(run[0]), h = y(high[run[0]]), l = y(low[run[0]]);
            outline = {{at - kHalf, h}, {at + kHalf, h}, {at + kHalf, l}, {at - kHalf, l}};
        }
        page_.add(PolygonShape{std::move(outline), fill});
    });
}

void LayerPlot::draw_line(const Series& series, const LineShape& look) {
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

}  // namespace alluvium
