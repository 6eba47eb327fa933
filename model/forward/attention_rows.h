#pragma once
// The two halves of an attention module: x to queries, keys and values, and those to mixed values.
#include <ATen/core/Tensor.h>

#include "model/forward/attention.h"

namespace alluvium {

// Rotated, one row for each token. Dv: a head's width of the values.
struct AttentionRows {
    at::Tensor query;  // [T, A, D]
    at::Tensor key;    // [T, KV, D]
    at::Tensor value;  // [T, KV, Dv]
};

AttentionRows project(const at::Tensor& x, const AttentionSpec& spec,
                      const AttentionWeights& weights, const AttentionContext& context);

// Softmax of the scores times the values. [T, A Dv]
at::Tensor mix_values(const AttentionRows& rows, const AttentionSpec& spec,
                      const AttentionWeights& weights, const TokenBatch& batch);

// The same with the keys and values that the prompts' memories hold; the batch's are added to them.
at::Tensor mix_remembered(const AttentionRows& rows, const AttentionSpec& spec,
                          const AttentionWeights& weights, const TokenBatch& batch,
                          const LayerMemory& memory);

}  // namespace alluvium
