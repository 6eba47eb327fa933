#pragma once
#include <limits>

#include "model/router/router_spec.h"

namespace alluvium {

// The selection score that the experts outside the kept groups count with: 0 for group scores of
// the DeepSeek-V2 kind (every softmax score is above it), else -inf. They are never chosen; the
// value enters the margin only, and only where every expert of the kept groups is chosen.
inline float outside_score(const RouterSpec& spec) {
    const bool never_negative = spec.order == SelectionOrder::score_then_top_k &&
                                spec.scoring != Scoring::none && !spec.choice_bias;
    const bool zero = spec.group_score == GroupScore::best && never_negative;
    return zero ? 0.0F : -std::numeric_limits<float>::infinity();
}

}  // namespace alluvium
