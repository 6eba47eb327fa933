#pragma once
// One experiment of a sweep as a picture: our scores, and below them, hollow, the talk's published
// accuracies of the same rows. Those are of another measure and of far larger models, on an axis of
// their own: only the order of the rows can be held beside ours.
#include <string>
#include <vector>

#include "analysis/figures/figure.h"
#include "model/sweep/sweep_table.h"

namespace alluvium {

Figure sweep_figure(const std::vector<SweepEntry>& entries, const std::string& experiment,
                    const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
