#include <cstdio>

#include "model/router/router_spec.h"

namespace alluvium {

namespace {

std::string count(int n, const std::string& noun) {
    return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

// 2.5 and 16 rather than 2.500000 and 16.000000.
std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

std::string scoring(const RouterSpec& spec) {
    const std::string experts = count(spec.experts, "expert");
    if (spec.order != SelectionOrder::score_then_top_k) return "logits of " + experts;
    switch (spec.scoring) {
        case Scoring::softmax:
            return "softmax over " + experts;
        case Scoring::sigmoid:
            return "sigmoid of each of " + experts;
        case Scoring::sqrt_softplus:
            return "square root of softplus of each of " + experts;
        case Scoring::none:
            return "logits of " + experts;
    }
    return {};
}

std::string choice(const RouterSpec& spec) {
    const int k = spec.top_k;
    std::string text = k == spec.experts ? (k == 1 ? "it is chosen" : "all are chosen")
                       : k == 1          ? "the best is chosen"
                                         : "the " + std::to_string(k) + " best are chosen";
    if (spec.order == SelectionOrder::sparsemixer) text += " one after the other (sparsemixer)";
    if (spec.choice_bias) text += " by score plus a bias that the weights do not see";
    if (spec.topk_groups < spec.groups) {
        text += " within the " + std::to_string(spec.topk_groups) + " best of " +
                count(spec.groups, "group") + " (a group is as good as " +
                (spec.group_score == GroupScore::best ? "its best expert"
                                                      : "the sum of its two best experts") +
                ")";
    }
    return text;
}

std::string weighting(const RouterSpec& spec) {
    std::string text = "weights are the scores";
    if (spec.order == SelectionOrder::top_k_then_softmax) text = "weights are a softmax over them";
    if (spec.order == SelectionOrder::top_k_then_sigmoid) text = "weights are the sigmoids of the chosen logits";
    if (spec.order == SelectionOrder::sparsemixer) {
        text = "each weight is a softmax over the logits near the chosen one (within " +
               number(2 * spec.jitter) + " of its size)";
    }
    if (spec.renormalise) text += ", renormalised to sum to 1";
    if (spec.scale != 1.0) text += ", times " + number(spec.scale);
    if (spec.weight_on_input) text += ", applied to the experts' input";
    return text;
}

}  // namespace

std::string sentence(const RouterSpec& spec) {
    std::string text = scoring(spec) + ", " + choice(spec) + ", " + weighting(spec);
    if (spec.shared_experts > 0) {
        text += "; " + count(spec.shared_experts, "shared expert") +
                (spec.shared_experts == 1 ? " sees" : " see") + " every token";
    }
    return text + ".";
}

}  // namespace alluvium
