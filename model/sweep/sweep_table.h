#pragma once
#include <string>
#include <vector>

#include "model/sweep/sweep_run.h"

namespace alluvium {

struct SweepEntry {
    SweepRow row;
    SweepResult result;
};

// Each measure once, in the order of their first score.
std::vector<std::string> sweep_measures(const std::vector<SweepEntry>& entries);

// A line per row, measure and group; missing values are empty fields.
std::string sweep_csv(const std::vector<SweepEntry>& entries);

// For people: a line per row with the mean over languages of each measure.
std::string sweep_text(const std::vector<SweepEntry>& entries);

}  // namespace alluvium
