#pragma once
// What the heads of a layer take from each token of a prompt: shares of values, for attention
// (softmax) as for the gated delta rule, whose reading is linear in the values, too. A heads, Dv a
// head's width of the values.
#include <memory>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/forward/attention.h"
#include "model/forward/weights.h"

namespace alluvium {

// Into one token, f32. Head a reads factor[a] * sum_j shares[a, j] values[a, j].
struct TokenMixture {
    at::Tensor shares;  // [A, row + 1]; need not add up to 1
    at::Tensor values;  // [A, row + 1, Dv]
    at::Tensor factor;  // [A, Dv] or undefined: a gate, or a norm's scale for this token
};

class TokenMixer {
  public:
    virtual ~TokenMixer() = default;
    virtual TokenMixture into(std::int64_t row) const = 0;
};

// For x [T, H], the normed rows of one prompt without branches. The result holds no more than
// tensors and `spec`, which must outlive it.
std::unique_ptr<const TokenMixer> token_mixer(const at::Tensor& x, const AttentionSpec& spec,
                                              const AttentionWeights& weights,
                                              const AttentionContext& context);

}  // namespace alluvium
