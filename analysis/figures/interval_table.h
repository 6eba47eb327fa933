#pragma once
// A table whose columns are estimates with their intervals on one scale: a row per way to count, or
// per trace (a forest plot).
#include <string>
#include <vector>

#include "analysis/estimate.h"
#include "analysis/figures/page.h"

namespace alluvium {

struct IntervalRow {
    std::string name;
    std::vector<Estimate> values;  // one per column; missing: nothing is drawn
    std::string note;              // right of the columns
    bool strong = false;           // bold, filled
    bool faint = false;            // muted
    Color color;                   // of the intervals
    Datum datum;
};

struct IntervalTable {
    std::string heading;
    std::vector<std::string> columns;
    std::vector<double> marks;  // dashed lines in every column
    std::vector<IntervalRow> rows;
};

// Returns the y below it; draws nothing where there is no row.
double draw_interval_table(Page& page, const IntervalTable& table, const Rect& into);

}  // namespace alluvium
