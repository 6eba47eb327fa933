#pragma once
// How a model's heavy operations are computed. The forward pass says what; an Arithmetic says how.
// T tokens, H hidden size, k chosen experts.
#include <memory>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/forward/weights.h"
#include "model/router/route.h"

namespace alluvium {

class Arithmetic {
  public:
    virtual ~Arithmetic() = default;

    // [T, in] -> [T, out]
    virtual at::Tensor linear(const at::Tensor& x, const LinearWeights& weights) const = 0;

    // [T, width] -> [T, width], in x's dtype, computed in f32.
    virtual at::Tensor norm(const at::Tensor& x, const NormWeights& weights) const = 0;

    // [T, H] -> [T, H]
    virtual at::Tensor feed_forward(const at::Tensor& x, const FeedForwardSpec& spec,
                                    const FeedForwardWeights& weights) const = 0;

    // [T, H] -> [T, H]: the weighted sum over each token's chosen experts, added in a fixed order.
    virtual at::Tensor experts(const at::Tensor& x, const Routing& routing, const MoeSpec& spec,
                               const MoeWeights& weights) const = 0;
};

// Plain libtorch operations: any device, any dtype, differentiable.
std::shared_ptr<const Arithmetic> libtorch_arithmetic();

}  // namespace alluvium
