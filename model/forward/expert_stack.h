#pragma once
// The experts of a layer with their matrices side by side in memory, so that one grouped product
// multiplies the rows of all of them: no loop over experts, no waiting for their counts.
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/forward/weights.h"

namespace alluvium {

struct ExpertStack {
    at::Tensor gate;  // [E, width, H]
    at::Tensor up;    // [E, width, H]
    at::Tensor down;  // [E, H, width]
};

// Moves the experts' matrices into one block each and makes the experts views over them. Needs the
// memory of one layer's experts for the time being.
void lay_side_by_side(std::vector<FeedForwardWeights>& experts);

// Views over the blocks, where the experts lie so, have no biases and suit the grouped product
// (bf16, rows of a multiple of 16 bytes); else nothing.
std::optional<ExpertStack> expert_stack(const std::vector<FeedForwardWeights>& experts);

// [N, H] -> [N, H]: rows of the same expert side by side, those of expert e end before row ends[e].
// `ends` [E] i32 on the device of x.
at::Tensor grouped_feed_forward(const at::Tensor& x, const at::Tensor& ends,
                                const FeedForwardSpec& spec, const ExpertStack& stack);

}  // namespace alluvium
