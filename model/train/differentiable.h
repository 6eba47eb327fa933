#pragma once
// The heavy operations of a training step as single nodes of the gradient graph, each with a
// hand-written backward pass. Weights are given in their wide type (f32, or f64 with f64) and
// rounded to `narrow` for the matrix products; their gradients are wide.
//
// T tokens, k experts per token, E experts, H hidden size, F feed-forward width, V vocabulary.
#include <ATen/core/Tensor.h>

#include "model/train/trained_weights.h"

namespace alluvium {

// x [T, H] wide -> [T, H] narrow
at::Tensor rms_norm(const at::Tensor& x, const NormWeights& weights, at::ScalarType narrow);

// x [T, heads, D] narrow; tables [S, D / 2] wide, of position T % S.
at::Tensor rotate(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);

// down(activation(gate(x)) * up(x)) of a stack of one: x [T, H] narrow -> [T, H] wide.
at::Tensor dense_feed_forward(const at::Tensor& x, const FeedForwardStack& stack);

// The sum over each token's experts, times their weights: x [T, H] narrow, experts [T, k] i64,
// weights [T, k] wide -> [T, H] wide. Tokens are sorted by expert, so that every expert's matrix is
// multiplied once.
at::Tensor routed_feed_forward(const at::Tensor& x, const at::Tensor& experts,
                               const at::Tensor& weights, const FeedForwardStack& stack);

// Mean of -log softmax(x output^T)[target], natural logarithm: x [T, H] narrow, output [V, H] wide,
// targets [T] i64 -> scalar, wide. Logits exist for a few rows at a time only; the gradients are
// taken in the same sweep where something asks for them.
at::Tensor linear_cross_entropy(const at::Tensor& x, const at::Tensor& output,
                                const at::Tensor& targets);

}  // namespace alluvium
