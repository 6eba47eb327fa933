#include "model/forward/expert_stack.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "model/forward/activation.h"

namespace alluvium {
namespace {

using Part = LinearWeights FeedForwardWeights::*;

constexpr std::int64_t kRowBytes = 16;  // what the grouped product asks of a row's length

void lay_side_by_side(std::vector<FeedForwardWeights>& experts, Part part) {
    if (!(experts.front().*part).weight.defined()) return;  // no gate
    std::vector<at::Tensor> matrices;
    for (const FeedForwardWeights& expert : experts) matrices.push_back((expert.*part).weight);
    const bool same_shape = std::ranges::all_of(
        matrices, [&](const at::Tensor& m) { return m.sizes() == matrices.front().sizes(); });
    if (!same_shape) return;
    const at::Tensor block = at::stack(matrices);
    for (std::size_t e = 0; e < experts.size(); ++e) {
        (experts[e].*part).weight = block[static_cast<std::int64_t>(e)];
    }
}

bool suits_grouped_product(const LinearWeights& weights) {
    const at::Tensor& matrix = weights.weight;
    // Where gradients are wanted every expert has its own: a view over the block would hide it.
    return !weights.bias.defined() && !matrix.requires_grad() &&
           matrix.scalar_type() == at::kBFloat16 && matrix.is_contiguous() &&
           matrix.size(1) * matrix.element_size() % kRowBytes == 0;
}

// The block that the experts' matrices are views over; undefined where they are not.
at::Tensor block_of(const std::vector<FeedForwardWeights>& experts, Part part) {
    const at::Tensor& first = (experts.front().*part).weight;
    if (!first.defined()) return {};
    for (std::size_t e = 0; e < experts.size(); ++e) {
        const LinearWeights& weights = experts[e].*part;
        const bool next_in_block =
            weights.weight.is_alias_of(first) && weights.weight.sizes() == first.sizes() &&
            weights.weight.storage_offset() ==
                first.storage_offset() + static_cast<std::int64_t>(e) * first.numel();
        if (!next_in_block || !suits_grouped_product(weights)) return {};
    }
    return first.as_strided({std::ssize(experts), first.size(0), first.size(1)},
                            {first.numel(), first.size(1), 1});
}

// x [N, in] with the block [E, out, in]
at::Tensor grouped_linear(const at::Tensor& x, const at::Tensor& block, const at::Tensor& ends) {
    return at::_grouped_mm(x, block.transpose(1, 2), ends);
}

}  // namespace

void lay_side_by_side(std::vector<FeedForwardWeights>& experts) {
    if (experts.empty()) return;
    for (const Part part :
         {&FeedForwardWeights::gate, &FeedForwardWeights::up, &FeedForwardWeights::down}) {
        lay_side_by_side(experts, part);
    }
}

std::optional<ExpertStack> expert_stack(const std::vector<FeedForwardWeights>& experts) {
    if (experts.empty()) return std::nullopt;
    ExpertStack stack{block_of(experts, &FeedForwardWeights::gate),
                      block_of(experts, &FeedForwardWeights::up),
                      block_of(experts, &FeedForwardWeights::down)};
    const bool whole = stack.gate.defined() && stack.up.defined() && stack.down.defined();
    return whole ? std::optional(std::move(stack)) : std::nullopt;
}

at::Tensor grouped_feed_forward(const at::Tensor& x, const at::Tensor& ends,
                                const FeedForwardSpec& spec, const ExpertStack& stack) {
    const at::Tensor gate = grouped_linear(x, stack.gate, ends);
    const at::Tensor up = grouped_linear(x, stack.up, ends);
    return grouped_linear(activate(gate, up, spec), stack.down, ends);
}

}  // namespace alluvium
