#include "model/train/grouped_feed_forward.h"

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

}  // namespace

GroupedFeedForward::GroupedFeedForward(const at::Tensor& gate_up, const at::Tensor& down,
                                       at::ScalarType narrow)
    : gate_up_(gate_up.to(narrow)), down_(down.to(narrow)) {}

GroupedForward GroupedFeedForward::forward(const at::Tensor& x,
                                           std::span<const std::int64_t> begin) const {
    const std::int64_t width = down_.size(2);
    GroupedForward result{at::empty({x.size(0), 2 * width}, x.options()), at::empty_like(x)};
    for_experts(begin, [&](std::int64_t e, auto rows) {
        multiply_into(rows(result.hidden), rows(x), gate_up_[e].t());
    });
    const at::Tensor gate = result.hidden.narrow(1, 0, width);
    const at::Tensor active = at::silu(gate).mul_(result.hidden.narrow(1, width, width));
    for_experts(begin, [&](std::int64_t e, auto rows) {
        multiply_into(rows(result.out), rows(active), down_[e].t());
    });
    return result;
}

GroupedBackward GroupedFeedForward::backward(const at::Tensor& dy, const at::Tensor& x,
                                             const at::Tensor& hidden,
                                             std::span<const std::int64_t> begin,
                                             at::ScalarType wide) const {
    const std::int64_t width = down_.size(2);
    const at::Tensor gate = hidden.narrow(1, 0, width);
    const at::Tensor up = hidden.narrow(1, width, width);
    const at::Tensor gate_active = at::silu(gate);
    const at::Tensor active = gate_active * up;

    const at::Tensor dactive = at::empty({x.size(0), width}, x.options());
    for_experts(begin, [&](std::int64_t e, auto rows) {
        multiply_into(rows(dactive), rows(dy), down_[e]);
    });
    const at::Tensor dhidden = at::empty_like(hidden);
    at::Tensor dgate = dhidden.narrow(1, 0, width);
    at::Tensor dup = dhidden.narrow(1, width, width);
    at::silu_backward_out(dgate, dactive * up, gate);
    at::mul_out(dup, dactive, gate_active);

    const at::TensorOptions options = at::TensorOptions(wide);
    GroupedBackward result{at::empty_like(x), at::zeros(gate_up_.sizes(), options),
                           at::zeros(down_.sizes(), options)};
    for_experts(begin, [&](std::int64_t e, auto rows) {
        result.down[e].copy_(at::mm(rows(dy).t(), rows(active)));
        result.gate_up[e].copy_(at::mm(rows(dhidden).t(), rows(x)));
        multiply_into(rows(result.x), rows(dhidden), gate_up_[e]);
    });
    return result;
}

}  // namespace alluvium
