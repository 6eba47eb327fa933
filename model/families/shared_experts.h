#pragma once
// Routed layers of the DeepSeek and GLM kind: `gate` and `experts.N.` beside `shared_experts`, one
// feed-forward part as wide as all shared experts together, whose output is added as it is.
#include <string>

#include "model/families/parts.h"

namespace alluvium {

// The layer's routed part where it has a router, else a dense one. Where the tensors are not known:
// routed from first_k_dense_replace on, every moe_layer_freq-th. `rule` says how many shared
// experts there are.
std::variant<FeedForwardSpec, MoeSpec> routed_or_dense(const Checkpoint& checkpoint,
                                                       const ConfigReader& config, LayerId layer,
                                                       const DecoderSizes& sizes,
                                                       const RouterSpec& rule);

// DeepSeek-V3's rule: sigmoid scores; chosen by score plus e_score_correction_bias within the best
// groups; weighed by score alone. `groups`: where the config does not say.
struct GroupDefaults {
    std::int64_t groups = 1;
    std::int64_t kept = 1;
};
// What the config calls the numbers of experts.
struct ExpertKeys {
    std::string routed = "n_routed_experts";
    std::string shared = "n_shared_experts";
};
RouterSpec biased_sigmoid_rule(const ConfigReader& config, const GroupDefaults& defaults,
                               const ExpertKeys& keys = {});

}  // namespace alluvium
