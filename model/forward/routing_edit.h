#pragma once
// The one place where something may step between a router and its experts: ablations, forced
// experts, steering. Everything else of a forward pass stays as it is.
#include <functional>

#include <ATen/core/Tensor.h>

#include "base/ids.h"
#include "model/forward/token_batch.h"
#include "model/router/route.h"

namespace alluvium {

// Chooses the experts of one routed layer; route() unless another rule stands in its place (routing
// by language, as in training).
using RouteFunction = std::function<Routing(LayerId layer, const at::Tensor& logits,
                                            const RouterSpec& spec, const at::Tensor& choice_bias)>;

// What a router is about to choose by. Valid during the call.
struct RouterStep {
    LayerId layer = 0;
    const TokenBatch& batch;
    const at::Tensor& logits;  // [T, E] f32, raw
    const RouterSpec& rule;
    const at::Tensor& choice_bias;  // [E] f32 or undefined, as the rule says
};

class RoutingEdit {
  public:
    virtual ~RoutingEdit() = default;

    // The experts and weights that take effect, from what stands before the choice. `route` is what
    // would choose; a layer that is not to be changed returns its result as it is.
    virtual Routing choose(const RouterStep& step, const RouteFunction& route) const = 0;

    // What the routed experts add, [T, H], from what they made of the routing; shared experts come
    // after it.
    virtual at::Tensor output(const RouterStep& /*step*/, const Routing& /*routing*/,
                              const at::Tensor& made) const {
        return made;
    }
};

}  // namespace alluvium
