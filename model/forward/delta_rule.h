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

// The same taken apart, of one prompt without branches or memory: what is read is linear in the
// values, with shares that keys, queries and strengths decide. f32.
struct DeltaReading {
    at::Tensor shares;  // [VH, T, T]: token t reads sum_j shares[t, j] value[j]; j <= t
    at::Tensor value;   // [VH, T, VD]
    at::Tensor gate;    // [T, VH, VD], multiplied with what was read, behind its norm
};
DeltaReading delta_reading(const at::Tensor& x, const DeltaSpec& spec, const DeltaWeights& weights,
                           const AttentionContext& context);

}  // namespace alluvium
