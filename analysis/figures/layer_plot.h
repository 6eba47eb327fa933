#pragma once
// A plot of values over the routed layers: axes, lines and areas that break where a value is
// missing.
#include <cstddef>
#include <functional>
#include <vector>

#include "analysis/figures/axis.h"
#include "analysis/figures/divergence_series.h"

namespace alluvium {

class LayerPlot {
  public:
    // Draws onto `page`, which must outlive it. `low` and `high`: values at the edges of `plot`.
    LayerPlot(Page& page, const Rect& plot, std::vector<int> layers, double low, double high)
        : page_(page), plot_(plot), layers_(std::move(layers)), scale_{plot, low, high} {}

    const Rect& rect() const { return plot_; }
    double bottom() const { return plot_.y + plot_.height; }
    double right() const { return plot_.x + plot_.width; }

    // Layers stand where their number says: dense layers between them leave a gap.
    double x_of(double layer) const;
    double x(std::size_t i) const { return x_of(layers_[i]); }
    double y(double value) const { return scale_.y(value); }

    void draw_axes();
    // Hatched where `series` has no value.
    void draw_missing(const Series& series);
    // Between two series; a single layer gets a bar.
    void draw_area(const Series& low, const Series& high, Color fill);
    // With the colour, width and dash of `look`; a single layer gets a dash.
    void draw_line(const Series& series, const LineShape& look);

  private:
    void draw_layers();
    // Calls `draw` with every run of layers at which all series have a value.
    void for_runs(const std::vector<const Series*>& series,
                  const std::function<void(const std::vector<std::size_t>&)>& draw) const;

    Page& page_;
    Rect plot_;
    std::vector<int> layers_;
    ValueScale scale_;
};

}  // namespace alluvium
