#include "model/capture/random_routers.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "model/router/route.h"

namespace alluvium {

at::Tensor redrawn_router(const at::Tensor& learned, LayerId layer, std::uint32_t draw) {
    // The generator looks at the lower 32 bits only.
    const std::uint64_t seed = static_cast<std::uint64_t>(layer) * kMostDraws + draw;
    at::Generator random = at::detail::createCPUGenerator(seed * 0x9e3779b97f4a7c15u + 1);
    const at::Tensor rows = at::randn(learned.sizes(), random, at::TensorOptions(at::kFloat));
    const at::Tensor directions = rows / rows.norm(2, {1}, /*keepdim=*/true);
    return directions.to(learned.device()) * learned.to(at::kFloat).norm(2, {1}, /*keepdim=*/true);
}

at::Tensor RandomRouters::experts(const RoutedBatch& batch, std::uint32_t draw) const {
    const MoeSpec& spec = *model_->spec().layers[static_cast<std::size_t>(batch.layer)].moe();
    const std::shared_ptr<const LayerWeights> held = model_->layer(batch.layer);
    const auto& weights = std::get<MoeWeights>(held->feed_forward);
    const at::Tensor router = redrawn_router(weights.router.weight, batch.layer, draw);
    const at::Tensor bias =
        weights.router.bias.defined() ? weights.router.bias.to(at::kFloat) : at::Tensor();
    const at::Tensor logits = at::linear(batch.input.to(at::kFloat), router, bias);
    return route(logits.contiguous(), spec.rule, weights.choice_bias).experts;
}

}  // namespace alluvium
