#pragma once
#include "model/router/route.h"

namespace alluvium {

// route() for tensors on a CUDA device, in f32, on the device's current stream. Asynchronous.
// RunError where the kernel cannot be launched.
Routing route_cuda(const at::Tensor& logits, const RouterSpec& spec, const at::Tensor& choice_bias);

}  // namespace alluvium
