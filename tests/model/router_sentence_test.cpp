#include <catch2/catch_test_macros.hpp>

#include "model/router/router_spec.h"

using namespace alluvium;

TEST_CASE("a plain rule reads as one sentence") {
    CHECK(sentence({.experts = 12, .top_k = 2}) ==
          "softmax over 12 experts, the 2 best are chosen, weights are the scores.");
}

TEST_CASE("a sentence tells shares of a single expert in the singular") {
    CHECK(sentence({.experts = 1, .top_k = 1}) ==
          "softmax over 1 expert, it is chosen, weights are the scores.");
    CHECK(sentence({.experts = 3, .top_k = 3}) ==
          "softmax over 3 experts, all are chosen, weights are the scores.");
}

TEST_CASE("a sentence names bias, groups, renormalising, scale and shared experts") {
    const RouterSpec spec{.experts = 256,
                          .top_k = 8,
                          .shared_experts = 1,
                          .scoring = Scoring::sigmoid,
                          .choice_bias = true,
                          .groups = 8,
                          .topk_groups = 4,
                          .group_score = GroupScore::best_two,
                          .renormalise = true,
                          .scale = 2.5};
    CHECK(sentence(spec) ==
          "sigmoid of each of 256 experts, the 8 best are chosen by score plus a bias that the "
          "weights do not see within the 4 best of 8 groups (a group is as good as the sum of its "
          "two best experts), weights are the scores, renormalised to sum to 1, times 2.5; 1 "
          "shared expert sees every token.");
}

TEST_CASE("a sentence tells a softmax over the chosen from one over all") {
    CHECK(sentence({.experts = 32, .top_k = 4, .order = SelectionOrder::top_k_then_softmax}) ==
          "logits of 32 experts, the 4 best are chosen, weights are a softmax over them.");
    CHECK(sentence({.experts = 16,
                    .top_k = 1,
                    .shared_experts = 1,
                    .order = SelectionOrder::top_k_then_sigmoid,
                    .weight_on_input = true}) ==
          "logits of 16 experts, the best is chosen, weights are the sigmoids of the chosen logits, "
          "applied to the experts' input; 1 shared expert sees every token.");
    CHECK(sentence({.experts = 16, .top_k = 2, .order = SelectionOrder::sparsemixer}) ==
          "logits of 16 experts, the 2 best are chosen one after the other (sparsemixer), each "
          "weight is a softmax over the logits near the chosen one (within 0.02 of its size).");
}
