#pragma once
#include "analysis/analyze.h"
#include "analysis/figures/page.h"

namespace alluvium {

// The verdict and what it becomes under every other way to count, as intervals of both differences
// on one scale: right of 0 more than the middle; between the dashed lines (-0.02, 0.02) nothing is
// called a difference. Returns the y below it; draws nothing where the table is empty.
// Data: kind "variant", group its name; both differences with their bounds, "pattern".
double draw_robustness_table(Page& page, const Analysis& analysis, const Rect& into);

}  // namespace alluvium
