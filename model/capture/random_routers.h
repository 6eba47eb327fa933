#pragma once
// Routers that learned nothing, as a control for what routing has learned: every row of the learned
// router is redrawn in a random direction at its own norm, everything else of the rule stays.
// Their choices are recorded on the run's own router inputs and never change the run.
#include <cstdint>
#include <memory>

#include <ATen/core/Tensor.h>

#include "model/forward/model.h"
#include "model/forward/routing_observer.h"

namespace alluvium {

// Of one capture.
inline constexpr std::uint32_t kMostDraws = 1000;

class RandomRouters {
  public:
    RandomRouters(std::shared_ptr<const Model> model, std::uint32_t draws)
        : model_(std::move(model)), draws_(draws) {}

    std::uint32_t draws() const { return draws_; }

    // [T, k] i32, as a routing's experts. Depends on the learned router, the layer, the draw and
    // the inputs only.
    at::Tensor experts(const RoutedBatch& batch, std::uint32_t draw) const;

  private:
    std::shared_ptr<const Model> model_;
    std::uint32_t draws_;
};

// [E, H] on the learned router's device: independent normal rows, scaled to its rows' norms.
at::Tensor redrawn_router(const at::Tensor& learned, LayerId layer, std::uint32_t draw);

}  // namespace alluvium
