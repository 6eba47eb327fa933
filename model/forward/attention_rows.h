#pragma once
// The two halves of an attention module: x to queries, keys and values, and those to mixed values.
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

#include "model/forward/attention.h"

namespace alluvium {

// Rotated, one row for each token. Dv: a head's width of the values.
struct AttentionRows {
    at::Tensor query;  // [T, A, D]
    at::Tensor key;    // [T, KV, D]
    at::Tensor value;  // [T, KV, Dv]
};

// rows [T, ...] through `change`, each prompt by itself: the vectorised functions of libtorch round
// otherwise at the end of a tensor, and a prompt's bits must not depend on who follows it.
template <typename Change>
at::Tensor by_prompt(const TokenBatch& batch, const at::Tensor& rows, Change&& change) {
    std::vector<at::Tensor> parts;
    for (std::size_t prompt = 0; prompt < batch.prompts(); ++prompt) {
        const std::int64_t begin = batch.begin(prompt);
        parts.push_back(change(rows.narrow(0, begin, batch.end(prompt) - begin)));
    }
    return at::cat(parts);
}

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
