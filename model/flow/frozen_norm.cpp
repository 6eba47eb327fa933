#include "model/flow/frozen_norm.h"

#include <ATen/ATen.h>

namespace alluvium {

FrozenNorm::FrozenNorm(const at::Tensor& full, const NormWeights& weights)
    : centred_(weights.kind == NormKind::layer) {
    at::Tensor wide = full.to(at::kDouble);
    if (centred_) wide = wide - wide.mean();
    const at::Tensor scale = at::rsqrt(wide.square().mean() + weights.epsilon);
    weight_ = (weights.weight.to(at::kDouble) * scale).to(at::kFloat);
    if (weights.bias.defined()) bias_ = weights.bias.to(at::kFloat);
}

at::Tensor FrozenNorm::apply(const at::Tensor& parts) const {
    return (centred_ ? parts - parts.mean(1, /*keepdim=*/true) : parts) * weight_;
}

}  // namespace alluvium
