#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/capture/engine.h"

namespace alluvium {

// What is known of a batch before it is made.
struct BatchSize {
    std::uint64_t tokens = 0;
    std::uint64_t kept_bytes = 0;  // what it keeps beside its residual stream
};

// Which batches go through a layer of the model together, in their order: the end of each chunk.
// Where the model streams, as many as the budget holds, so that its weights are read once for all
// of them; else each batch alone. `output`: final logits are wanted. UserError where a budget that
// was asked for does not hold a batch.
std::vector<std::size_t> plan_chunks(const Engine& engine, std::span<const BatchSize> batches,
                                     bool output);

}  // namespace alluvium
