#pragma once
#include <ATen/core/Tensor.h>

#include "base/ids.h"

namespace alluvium {

// What one router did with one batch. Tensors live on the model's device and are valid only during
// the call. T tokens of the batch, packed without padding; E experts; k chosen.
struct RoutedBatch {
    LayerId layer = 0;
    std::size_t routed = 0;  // index among the routed layers
    at::Tensor input;        // [T, H] input of router and experts, in the model's dtype
    at::Tensor logits;       // [T, E] f32, raw: before softmax, sigmoid or bias
    at::Tensor experts;      // [T, k] i32, best selection score first
    at::Tensor weights;      // [T, k] f32, as applied
    at::Tensor margin;       // [T] f32, k-th minus (k+1)-th selection score
};

// Watches a forward pass. What it does not ask for is not computed.
class RoutingObserver {
  public:
    virtual ~RoutingObserver() = default;

    virtual bool wants_hidden() const { return false; }
    virtual bool wants_output() const { return false; }  // final logits: needs the lm_head

    virtual void on_routed(const RoutedBatch& batch) = 0;
    // [T, H] residual stream after `layer`, before the final norm; -1: what enters layer 0.
    virtual void on_hidden(LayerId /*layer*/, const at::Tensor& /*hidden*/) {}
    // [n, V] f32 final logits of rows [first_row, first_row + n) of the batch. Called several times
    // with ascending rows, because all of [T, V] may not fit the memory.
    virtual void on_output(std::int64_t /*first_row*/, const at::Tensor& /*logits*/) {}
};

}  // namespace alluvium
