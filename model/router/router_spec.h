#pragma once
// A router's rule as plain data. One struct covers every family: what is scored, what is chosen by
// what, which weight is applied. Sources: docs/families.md.
#include <string>

#include "model/router/selection_rules.h"

namespace alluvium {

struct RouterSpec {
    int experts = 0;
    int top_k = 0;
    int shared_experts = 0;
    Scoring scoring = Scoring::softmax;  // used by score_then_top_k only
    SelectionOrder order = SelectionOrder::score_then_top_k;
    bool choice_bias = false;  // added to the scores for the choice, never to the weights
    int groups = 1;            // experts are chosen within the topk_groups best groups
    int topk_groups = 1;
    GroupScore group_score = GroupScore::best;
    bool renormalise = false;      // weights of the chosen k are divided by their sum
    double scale = 1.0;            // then multiplied by this
    bool weight_on_input = false;  // the weight scales the expert's input, not its output
    double jitter = 0.01;          // sparsemixer's threshold

    bool operator==(const RouterSpec&) const = default;
};

// The rule in one English sentence: "softmax over 12 experts, the 2 best are chosen, ...".
std::string sentence(const RouterSpec& spec);

// UserError where no router can follow the rule: more experts to choose than there are (or than the
// kept groups hold), groups of unequal size, sparsemixer with another k than 2.
void check_spec(const RouterSpec& spec);

// Added to the sum that weights are renormalised by, so that scores which all underflow to 0 give
// weights of 0 and not NaN. As in DeepSeek-V3; too small to change any other sum.
inline constexpr double renormalise_epsilon = 1e-20;

}  // namespace alluvium
