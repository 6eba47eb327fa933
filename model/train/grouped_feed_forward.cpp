#include "model/train/grouped_feed_forward.h"

#include <cassert>
#include <optional>
#include <string_view>

#include <ATen/ATen.h>

namespace alluvium {
namespace {

// Calls f(expert, rows) for every expert that has rows; rows(t) is t's part of them.
template <typename F>
void for_experts(std::span<const std::int64_t> begin, F&& f) {
    for (std::size_t e = 0; e + 1 < begin.size(); ++e) {
        const std::int64_t first = begin[e];
        const std::int64_t count = begin[e + 1] - first;
        if (count == 0) continue;
        f(static_cast<std::int64_t>(e),
          [first, count](const at::Tensor& t) { return t.narrow(0, first, count); });
    }
}

void multiply_into(at::Tensor out, const at::Tensor& a, const at::Tensor& b) {
    at::mm_out(out, a, b);
}

// How libtorch names the kinds of GELU; SiLU is none.
std::optional<std::string_view> gelu_kind(Activation activation) {
    assert(activation != Activation::clamped_swiglu);
    if (activation == Activation::silu) return std::nullopt;
    return activation == Activation::gelu ? "none" : "tanh";
}

at::Tensor activated(const at::Tensor& gate, Activation activation) {
    const auto gelu = gelu_kind(activation);
    return gelu ? at::gelu(gate, *gelu) : at::silu(gate);
}

// Of the gate, from that of what the activation made of it.
void activation_backward_into(at::Tensor dgate, const at::Tensor& dactivated,
                              const at::Tensor& gate, Activation activation) {
    if (const auto gelu = gelu_kind(activation)) {
        at::gelu_backward_out(dgate, dactivated, gate, *gelu);
    } else {
        at::silu_backward_out(dgate, dactivated, gate);
    }
}

}  // namespace

GroupedFeedForward::GroupedFeedForward(const FeedForwardStack& stack, at::ScalarType narrow)
    : stack_{stack.gate_up.to(narrow), stack.down.to(narrow), stack.activation} {}

GroupedForward GroupedFeedForward::forward(const at::Tensor& x,
                                           std::span<const std::int64_t> begin) const {
    const std::int64_t width = stack_.down.size(2);
    GroupedForward result{at::empty({x.size(0), 2 * width}, x.options()), at::empty_like(x)};
    for_experts(begin, [&](std::int64_t e, auto rows) {
        multiply_into(rows(result.hidden), rows(x), stack_.gate_up[e].t());
    });
    const at::Tensor gate = result.hidden.narrow(1, 0, width);
    const at::Tensor active =
        activated(gate, stack_.activation).mul_(result.hidden.narrow(1, width, width));
    for_experts(begin, [&](std::int64_t e, auto rows) {
        multiply_into(rows(result.out), rows(active), stack_.down[e].t());
    });
    return result;
}

GroupedBackward GroupedFeedForward::backward(const at::Tensor& dy, const at::Tensor& x,
                                             const at::Tensor& hidden,
                                             std::span<const std::int64_t> begin,
                                             at::ScalarType wide) const {
    const std::int64_t width = stack_.down.size(2);
    const at::Tensor gate = hidden.narrow(1, 0, width);
    const at::Tensor up = hidden.narrow(1, width, width);
    const at::Tensor gate_active = activated(gate, stack_.activation);
    const at::Tensor active = gate_active * up;

    const at::Tensor dactive = at::empty({x.size(0), width}, x.options());
    for_experts(begin, [&](std::int64_t e, auto rows) {
        multiply_into(rows(dactive), rows(dy), stack_.down[e]);
    });
    const at::Tensor dhidden = at::empty_like(hidden);
    at::Tensor dgate = dhidden.narrow(1, 0, width);
    at::Tensor dup = dhidden.narrow(1, width, width);
    activation_backward_into(dgate, dactive * up, gate, stack_.activation);
    at::mul_out(dup, dactive, gate_active);

    const at::TensorOptions options = at::TensorOptions(wide);
    GroupedBackward result{at::empty_like(x), at::zeros(stack_.gate_up.sizes(), options),
                           at::zeros(stack_.down.sizes(), options)};
    for_experts(begin, [&](std::int64_t e, auto rows) {
        result.down[e].copy_(at::mm(rows(dy).t(), rows(active)));
        result.gate_up[e].copy_(at::mm(rows(dhidden).t(), rows(x)));
        multiply_into(rows(result.x), rows(dhidden), stack_.gate_up[e]);
    });
    return result;
}

}  // namespace alluvium
