#pragma once
// The words in which a router's rule is told. Apart from router_spec.h because the GPU kernels,
// compiled as C++17, speak them too.

namespace alluvium {

enum class Scoring {
    softmax,  // over all experts
    sigmoid,
    sqrt_softplus,
    none,  // the logits themselves
};

enum class SelectionOrder {
    score_then_top_k,    // score, then choose; weights are gathered from the scores
    top_k_then_softmax,  // choose by logits; weights are a softmax over the chosen k
    top_k_then_sigmoid,  // choose by logits; each weight is the sigmoid of the chosen logit
    sparsemixer,         // Phi-3.5-MoE: two rounds of masked arg max over the logits, k = 2
};

enum class GroupScore {
    best,      // a group is as good as its best expert
    best_two,  // ... as the sum of its two best
};

}  // namespace alluvium
