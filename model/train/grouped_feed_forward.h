#pragma once
// Gated feed-forward parts over rows that are sorted by expert, forward and backward, without the
// gradient graph. E experts, P rows, H hidden size, F feed-forward width.
#include <cstdint>
#include <span>

#include <ATen/core/Tensor.h>

#include "model/train/trained_weights.h"

namespace alluvium {

struct GroupedForward {
    at::Tensor hidden;  // [P, 2 F] gate and up before the activation; what backward() needs
    at::Tensor out;     // [P, H]
};

struct GroupedBackward {
    at::Tensor x;        // [P, H] narrow
    at::Tensor gate_up;  // [E, 2 F, H] wide; 0 for experts without rows
    at::Tensor down;     // [E, H, F] wide
};

class GroupedFeedForward {
  public:
    // The stack's matrices rounded to `narrow`. Not for clamped_swiglu.
    GroupedFeedForward(const FeedForwardStack& stack, at::ScalarType narrow);

    const FeedForwardStack& stack() const { return stack_; }

    // x [P, H] narrow; expert e has rows begin[e] .. begin[e + 1].
    GroupedForward forward(const at::Tensor& x, std::span<const std::int64_t> begin) const;
    GroupedBackward backward(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& hidden,
                             std::span<const std::int64_t> begin, at::ScalarType wide) const;

  private:
    FeedForwardStack stack_;
};

}  // namespace alluvium
