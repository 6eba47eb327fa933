#pragma once
// How training runs go: the loss over the steps, and what the routers do meanwhile. Up to five runs
// on one axis.
#include <vector>

#include "analysis/figures/figure.h"
#include "captures/training_run.h"

namespace alluvium {

struct TrainingFigureOptions {
    double width = 0;   // points; 0: default
    double height = 0;  // 0: default
    bool heading = true;
};

// The thin line is the loss of every step (where there are more steps than points, the range), the
// bold one its mean over the last `kSmoothing` of the run; circles are validations, the mean over
// languages. Below, where a run has routers: their entropy, and how often the expert of a token's
// language is among those that the router chooses by itself.
Figure training_figure(const std::vector<TrainingRun>& runs, const TrainingFigureOptions& options,
                       const Theme& theme, const TextMeter& meter);

// Share of a run's steps that the bold line is a mean over.
inline constexpr double kSmoothing = 0.02;

// Mean of the last `window` values (fewer at the start), for each; missing values are left out.
std::vector<double> running_mean(const std::vector<double>& values, std::size_t window);

}  // namespace alluvium
