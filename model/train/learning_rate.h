#pragma once
#include <cstdint>

namespace alluvium {

struct Schedule {
    double peak = 1e-3;
    std::int64_t warmup = 50;   // steps of linear rise
    std::int64_t steps = 1000;  // all of the run
    bool constant = false;      // stay at the peak after the warm-up
    double final_share = 0.1;   // of the peak, at the last step
};

// Of step 1 .. steps: a linear rise to the peak at step `warmup`, then half a cosine down to
// final_share at the last step.
double learning_rate(const Schedule& schedule, std::int64_t step);

}  // namespace alluvium
