#pragma once
// A router's rule as plain data. One struct covers every family: what is scored, what is chosen by
// what, which weight is applied. Sources: docs/families.md.
#include <string>

namespace alluvium {

enum class Scoring {
    softmax,        // over all experts
    sigmoid,
    sqrt_softplus,
    none,           // the logits themselves
};

enum class SelectionOrder {
    score_then_top_k,    // score, then choose; weights are gathered from the scores
    top_k_then_softmax,  // choose by logits; weights are a softmax over the chosen k
    sparsemixer,         // Phi-3.5-MoE: two rounds of masked arg max, k = 2
};

enum class GroupScore {
    best,      // a group is as good as its best expert
    best_two,  // ... as the sum of its two best
};

struct RouterSpec {
    int experts = 0;
    int top_k = 0;
    int shared_experts = 0;
    Scoring scoring = Scoring::softmax;
    SelectionOrder order = SelectionOrder::score_then_top_k;
    bool choice_bias = false;  // added to the scores for the choice, never to the weights
    int groups = 1;            // experts are chosen within the topk_groups best groups
    int topk_groups = 1;
    GroupScore group_score = GroupScore::best;
    bool renormalise = false;  // weights of the chosen k are divided by their sum
    double scale = 1.0;        // then multiplied by this
    bool weight_on_input = false;  // the weight scales the expert's input, not its output
    double jitter = 0.01;      // sparsemixer's threshold

    bool operator==(const RouterSpec&) const = default;
};

// The rule in one English sentence: "softmax over 12 experts, the 2 best are chosen, ...".
std::string sentence(const RouterSpec& spec);

}  // namespace alluvium
