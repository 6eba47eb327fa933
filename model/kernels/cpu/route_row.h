#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/kernels/selection_key.h"
#include "model/router/router_spec.h"

namespace alluvium {

// Applies a router's rule to one token after another in f32. Holds the scratch arrays, so a thread
// makes one and uses it for all its tokens.
class RowRouter {
  public:
    // `choice_bias` [E], empty where the spec has none; must outlive the router.
    RowRouter(const RouterSpec& spec, std::span<const float> choice_bias);

    // From `logits` [E] to `experts` [k] and `weights` [k]; returns the margin.
    float route(std::span<const float> logits, std::span<std::int32_t> experts,
                std::span<float> weights);

  private:
    void score(std::span<const float> logits);
    float keep_best_groups();
    float group_score(int group) const;
    float choose(std::span<std::int32_t> experts);
    float margin_after(std::span<const SelectionKey> keys, int n) const;
    void weigh(std::span<const std::int32_t> experts, std::span<float> weights) const;
    void renormalise_and_scale(std::span<float> weights) const;
    float sparsemixer(std::span<const float> logits, std::span<std::int32_t> experts,
                      std::span<float> weights);

    const RouterSpec& spec_;
    std::span<const float> bias_;
    float outside_;
    std::vector<float> scores_;             // [E] what weights are made of
    std::vector<float> selection_;          // [E] scores with bias and groups applied
    std::vector<SelectionKey> keys_;        // [E] the order of selection_
    std::vector<SelectionKey> group_keys_;  // [groups]
    std::vector<char> group_kept_;          // [groups]
};

}  // namespace alluvium
