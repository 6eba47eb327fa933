#pragma once
#include <span>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/forward/arithmetic.h"
#include "model/forward/prompt_memory.h"
#include "model/forward/rotary.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// Where one layer finds the prompts' earlier keys and values. [P], or none: nothing is remembered.
struct LayerMemory {
    std::span<PromptMemory* const> prompts;
    LayerId layer = 0;
};

// What an attention module is given beside its input and weights.
struct AttentionContext {
    const TokenBatch& batch;
    const RotaryTable& rotary;
    const Arithmetic& arithmetic;
    LayerMemory memory{};
};

// The attention module of one layer: [T, H] (already normed) -> [T, H]. A token sees itself and the
// tokens before it in its own prompt, those that the prompt's memory holds included.
at::Tensor attend(const at::Tensor& x, const AttentionSpec& spec, const AttentionWeights& weights,
                  const AttentionContext& context);

}  // namespace alluvium
