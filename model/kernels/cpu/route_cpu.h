#pragma once
#include "model/router/route.h"

namespace alluvium {

// route() for tensors on the CPU, in f32: one parallel region over the tokens, each token's row by
// itself, so that the result depends neither on the number of threads nor on the other tokens.
Routing route_cpu(const at::Tensor& logits, const RouterSpec& spec, const at::Tensor& choice_bias);

}  // namespace alluvium
