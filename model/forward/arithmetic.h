#pragma once
// How a model's heavy operations are computed. The forward pass says what; an Arithmetic says how.
// T tokens, H hidden size, D head size. Results are in x's dtype; norms, rotations and sums over
// experts are computed in f32.
#include <memory>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/forward/rotary.h"
#include "model/forward/weights.h"
#include "model/router/route.h"

namespace alluvium {

class Arithmetic {
  public:
    virtual ~Arithmetic() = default;

    // [T, in] -> [T, out]
    virtual at::Tensor linear(const at::Tensor& x, const LinearWeights& weights) const = 0;

    // [T, width] -> [T, width]
    virtual at::Tensor norm(const at::Tensor& x, const NormWeights& weights) const = 0;

    // [T, heads, D] -> [T, heads, D]
    virtual at::Tensor rotate(const at::Tensor& x, const RotaryTable& table) const = 0;

    // [T, H] -> [T, H]
    virtual at::Tensor feed_forward(const at::Tensor& x, const FeedForwardSpec& spec,
                                    const FeedForwardWeights& weights) const = 0;

    // [T, H] -> [T, H]: the weighted sum over each token's chosen experts, added in a fixed order.
    virtual at::Tensor experts(const at::Tensor& x, const Routing& routing, const MoeSpec& spec,
                               const MoeWeights& weights) const = 0;

    // x [T, H] scaled by sigmoid(gate [T, 1])
    virtual at::Tensor gated(const at::Tensor& x, const at::Tensor& gate) const = 0;
};

// Plain libtorch operations: any device, any dtype, differentiable.
std::shared_ptr<const Arithmetic> libtorch_arithmetic();

// The CPU's own kernels (model/kernels/cpu): weights are read as they lie in the checkpoint, and a
// row's result never depends on the other rows of the batch. Not differentiable.
std::shared_ptr<const Arithmetic> tiled_arithmetic();

}  // namespace alluvium
