#pragma once
// The two strips under a circuit: what is outside the kept experts, and how far expert use
// overlaps.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/circuit_model.h"
#include "analysis/figures/page.h"

namespace alluvium {

// Points: the middle of every column, and the distance between two.
struct StripColumns {
    std::vector<double> centers;
    double spacing = 0;
};

// Draws onto `page`; everything given must outlive it.
class CircuitStrips {
  public:
    CircuitStrips(const Analysis& analysis, std::span<const GroupLook> looks,
                  const CircuitModel& model, StripColumns columns, Page& page)
        : analysis_(analysis),
          looks_(looks),
          model_(model),
          columns_(std::move(columns)),
          page_(page) {}

    // From `y` down; both return the y below.
    double draw_outside(double y) const;
    double draw_overlap(double y) const;

  private:
    double caption(const std::string& text, double y) const;
    void draw_bar(std::size_t column, const LayerSharing& sharing, double y, bool printed) const;

    const Analysis& analysis_;
    const std::span<const GroupLook> looks_;
    const CircuitModel& model_;
    const StripColumns columns_;
    Page& page_;
};

}  // namespace alluvium
