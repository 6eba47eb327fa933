#pragma once
// The rule applied: from raw logits to chosen experts and weights, on the tensor's own device.
#include <ATen/core/Tensor.h>

#include "model/router/router_spec.h"

namespace alluvium {

// T tokens, E experts, k chosen. All on the device of the logits.
struct Routing {
    at::Tensor experts;  // [T, k] i32, best selection score first; ties go to the lower index
    at::Tensor weights;  // [T, k] f32, as applied
    at::Tensor margin;   // [T] f32, k-th minus (k+1)-th selection score, with groups the smaller of
                         // that and the margin between groups; +inf where k == E
    at::Tensor counts;   // [E] i32, tokens that chose the expert
    at::Tensor ties;     // [] i32, tokens whose margin is exactly 0
};

// `logits` [T, E] f32, contiguous; `choice_bias` [E] f32 where the spec has one, else undefined.
// Deterministic: two calls give the same bits.
Routing route(const at::Tensor& logits, const RouterSpec& spec, const at::Tensor& choice_bias = {});

}  // namespace alluvium
