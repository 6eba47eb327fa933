#pragma once
#include <ATen/core/Tensor.h>

#include "model/forward/weights.h"

namespace alluvium {

// A norm as the linear map that it is for one input: its scale (and mean) are those of the full
// sum, so that it can be applied to each part of the sum.
class FrozenNorm {
  public:
    // `full` [H], the input whose scale is kept.
    FrozenNorm(const at::Tensor& full, const NormWeights& weights);

    // [n, H] f32 -> [n, H] f32, without the norm's bias. Parts that add up to the full sum give
    // parts that add up to norm(full) - bias.
    at::Tensor apply(const at::Tensor& parts) const;
    const at::Tensor& bias() const { return bias_; }  // [H] f32 or undefined

  private:
    at::Tensor weight_;  // [H] f32, with the scale
    at::Tensor bias_;
    bool centred_ = false;
};

}  // namespace alluvium
