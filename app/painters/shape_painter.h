#pragma once
// A figure's shapes on any Cairo context; private to the painters.
#include <cairo.h>

#include "analysis/figures/figure.h"

namespace alluvium {

// Distance of a hatching's lines and their width, in points; the same for every painter.
inline constexpr double kHatchStep = 3;
inline constexpr double kHatchWidth = 0.6;

// One unit of `cr` is one point.
void paint_shapes(const Figure& figure, cairo_t* cr);

}  // namespace alluvium
