#pragma once
#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// Cosine and sine of every token's angles. Positions count from 0 in each prompt.
struct RotaryTable {
    at::Tensor cosine;  // [T, D / 2] f32
    at::Tensor sine;    // [T, D / 2] f32
};

RotaryTable rotary_table(const RotarySpec& spec, std::int64_t head_dim, const TokenBatch& batch,
                         at::Device device);

}  // namespace alluvium
