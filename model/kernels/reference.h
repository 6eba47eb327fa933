#pragma once
// The rule of a router written for reading, in double precision: what the kernels are tested
// against. Slow, and free of torch on purpose.
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"
#include "model/router/router_spec.h"

namespace alluvium {

struct ReferenceRouting {
    Grid<std::int32_t> experts;        // [T, k] best first
    Grid<double> weights;              // [T, k] as applied
    std::vector<double> margin;        // [T] as in Routing
    std::vector<std::int32_t> counts;  // [E]
    std::int32_t ties = 0;             // tokens whose margin is exactly 0
};

// `logits` [T, E]; `choice_bias` [E], or empty where the spec has none.
ReferenceRouting route_reference(const Grid<float>& logits, const RouterSpec& spec,
                                 std::span<const float> choice_bias = {});

}  // namespace alluvium
