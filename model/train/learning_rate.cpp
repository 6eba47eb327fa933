#include "model/train/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace alluvium {

double learning_rate(const Schedule& schedule, std::int64_t step) {
    const auto at = static_cast<double>(step);
    const auto warmup = static_cast<double>(schedule.warmup);
    if (at < warmup) return schedule.peak * at / warmup;
    if (schedule.constant) return schedule.peak;
    const double rest = std::max(1.0, static_cast<double>(schedule.steps) - warmup);
    const double done = std::min(1.0, (at - warmup) / rest);
    const double low = schedule.final_share;
    return schedule.peak * (low + (1 - low) * 0.5 * (1 + std::cos(std::numbers::pi * done)));
}

}  // namespace alluvium
