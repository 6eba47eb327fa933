#pragma once
// Makes a forward pass obey interventions.
#include <vector>

#include "model/forward/routing_edit.h"
#include "model/intervene/intervention.h"

namespace alluvium {

// All of them act at once; none is no change, bit for bit. Batches need `languages` where a
// selection names some. UserError in a forward pass where every expert of the groups that the rule
// keeps is a target of `reroute`.
class InterventionEdit final : public RoutingEdit {
  public:
    explicit InterventionEdit(std::vector<Intervention> together)
        : together_(std::move(together)) {}

    Routing choose(const RouterStep& step, const RouteFunction& route) const override;
    at::Tensor output(const RouterStep& step, const Routing& routing,
                      const at::Tensor& made) const override;

  private:
    std::vector<const Intervention*> acting_in(LayerId layer) const;

    std::vector<Intervention> together_;
};

}  // namespace alluvium
