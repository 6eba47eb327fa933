#pragma once
#include "model/kernels/cuda/route_arguments.h"
#include "model/router/outside_score.h"

namespace alluvium {

// A router's rule as the kernel takes it.
inline RouteRule route_rule(const RouterSpec& spec) {
    return {
        .experts = spec.experts,
        .top_k = spec.top_k,
        .scoring = spec.scoring,
        .order = spec.order,
        .groups = spec.groups,
        .topk_groups = spec.topk_groups,
        .group_score = spec.group_score,
        .renormalise = spec.renormalise,
        .epsilon = static_cast<float>(renormalise_epsilon),
        .scale = static_cast<float>(spec.scale),
        .threshold = static_cast<float>(2 * spec.jitter),
        .outside = outside_score(spec),
    };
}

}  // namespace alluvium
