#include "model/forward/activation.h"

#include <cassert>

#include <ATen/ATen.h>

namespace alluvium {
namespace {

at::Tensor clamped_swiglu(const at::Tensor& gate, const at::Tensor& up,
                          const FeedForwardSpec& spec) {
    const at::Tensor x = gate.clamp_max(spec.limit);
    return (up.clamp(-spec.limit, spec.limit) + 1) * (x * at::sigmoid(x * spec.alpha));
}

at::Tensor activated(const at::Tensor& gate, Activation activation) {
    switch (activation) {
        case Activation::silu:
            return at::silu(gate);
        case Activation::gelu:
            return at::gelu(gate);
        case Activation::gelu_tanh:
            return at::gelu(gate, "tanh");
        case Activation::clamped_swiglu:
            break;
    }
    assert(false);
    return {};
}

}  // namespace

at::Tensor activate(const at::Tensor& gate, const at::Tensor& up, const FeedForwardSpec& spec) {
    if (spec.activation == Activation::clamped_swiglu) return clamped_swiglu(gate, up, spec);
    const at::Tensor result = activated(gate, spec.activation);
    return spec.gated ? result * up : result;
}

}  // namespace alluvium
