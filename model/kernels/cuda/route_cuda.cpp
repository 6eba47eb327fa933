#include "model/kernels/cuda/route_cuda.h"

#include <ATen/ops/empty.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "base/error.h"
#include "model/kernels/cuda/route_launch.h"
#include "model/kernels/cuda/route_rule.h"

namespace alluvium {

Routing route_cuda(const at::Tensor& logits, const RouterSpec& spec,
                   const at::Tensor& choice_bias) {
    const c10::cuda::CUDAGuard guard(logits.device());
    const std::int64_t tokens = logits.size(0);
    const at::TensorOptions floats = logits.options();
    const at::TensorOptions integers = floats.dtype(at::kInt);
    const at::Tensor counts = at::empty({spec.experts + 1}, integers);
    Routing routing{
        .experts = at::empty({tokens, spec.top_k}, integers),
        .weights = at::empty({tokens, spec.top_k}, floats),
        .margin = at::empty({tokens}, floats),
        .counts = counts.narrow(0, 0, spec.experts),
        .ties = counts.select(0, spec.experts),
    };
    const RouteArrays arrays{
        .logits = logits.const_data_ptr<float>(),
        .choice_bias = choice_bias.defined() ? choice_bias.const_data_ptr<float>() : nullptr,
        .experts = routing.experts.mutable_data_ptr<std::int32_t>(),
        .weights = routing.weights.mutable_data_ptr<float>(),
        .margin = routing.margin.mutable_data_ptr<float>(),
        .counts = counts.mutable_data_ptr<std::int32_t>(),
    };
    const RouteRule rule = route_rule(spec);
    const cudaError_t error =
        alluvium_launch_route(&arrays, &rule, tokens, c10::cuda::getCurrentCUDAStream());
    if (error != cudaSuccess) {
        throw RunError("the router kernel for " + std::to_string(spec.experts) +
                       " experts could not be started on " + logits.device().str() + ": " +
                       cudaGetErrorString(error));
    }
    return routing;
}

}  // namespace alluvium
