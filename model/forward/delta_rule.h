#pragma once
// The gated delta rule (arXiv 2412.06464; DeltaSpec) over packed prompts.
#include <ATen/core/Tensor.h>

#include "model/forward/attention.h"

namespace alluvium {

// [T, H] (already normed) -> what is read, normed and gated [T, VH VD]. A branch goes on from its
// prompt's trunk, a remembered prompt from where it was. Computed in f32, each prompt by itself:
// its bits do not depend on the rest of the batch.
at::Tensor delta_rule(const at::Tensor& x, const DeltaSpec& spec, const DeltaWeights& weights,
                      const AttentionContext& context);

}  // namespace alluvium
