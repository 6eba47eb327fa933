#pragma once
// Granite's routed models: all experts of a layer in two tensors, multipliers at every seam.
#include <functional>

#include "model/families/parts.h"

namespace alluvium {

// The decoder with its multipliers: block_sparse_moe and, where shared_intermediate_size is not 0,
// shared_mlp beside it; shared_mlp alone where there are no routed experts. `change` may change a
// layer's attention.
ModelSpec granite_decoder(
    const Checkpoint& checkpoint,
    const std::function<void(AttentionSpec&)>& change = [](AttentionSpec&) {});

}  // namespace alluvium
