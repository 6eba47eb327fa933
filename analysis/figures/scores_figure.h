#pragma once
// Scores of several models beside each other: a panel per measure, a column per model, a point with
// its interval for each. Hollow points are figures that others published.
#include <limits>
#include <string>
#include <vector>

#include "analysis/figures/figure.h"

namespace alluvium {

struct ScorePoint {
    std::string column;        // under the point
    double value = 0;          // not finite: missing
    double low = 0, high = 0;  // 95 % interval; not finite: none known
};

struct ScorePanel {
    std::string title;    // what is measured, and which way is better
    std::string axis;     // of the columns: "layers with experts", "routing"
    bool joined = false;  // the columns are numbers in order: a line joins the points
    bool hollow = false;  // published elsewhere
    double chance = std::numeric_limits<double>::quiet_NaN();  // drawn where finite
    std::vector<ScorePoint> points = {};
};

struct ScoresFigureOptions {
    std::string title, subtitle;
    double width = 0;  // 0: as wide as the columns take
};

Figure scores_figure(const std::vector<ScorePanel>& panels, const ScoresFigureOptions& options,
                     const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
