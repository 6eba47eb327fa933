// Raw logits to selection scores, one trap of the rules each, checked by hand.
#include "analysis/choice_scores.h"

#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "captures/trace_data.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;

namespace {

// One token in one layer, chosen experts best first.
TracePtr one_token(const std::string& router, std::vector<float> logits,
                   std::vector<ExpertId> chosen, std::vector<float> weights) {
    TraceData data;
    TraceHeader& header = data.header;
    header.token_count = 1;
    header.model.router_json = router;
    header.prompts = {.id = {"p"},
                      .text = {"a"},
                      .language = {"en"},
                      .group = {""},
                      .domain = {""},
                      .extra = {},
                      .first_token = {0},
                      .token_count = {1},
                      .truncated = {0},
                      .done = {1}};
    data.tokens = {.id = {7},
                   .prompt = {0},
                   .position = {0},
                   .byte_begin = {0},
                   .byte_end = {1},
                   .phase = {0},
                   .special = {0}};
    header.layers.push_back({.layer = 5,
                             .experts = static_cast<std::uint32_t>(logits.size()),
                             .top_k = static_cast<std::uint32_t>(chosen.size())});
    LayerData layer;
    layer.logits = Grid<float>(1, logits.size(), logits);
    layer.experts = Grid<ExpertId>(1, chosen.size(), chosen);
    layer.weights = Grid<float>(1, weights.size(), weights);
    data.layers.push_back(layer);
    return make_trace(std::move(data));
}

float logit(double score) {
    return static_cast<float>(std::log(score / (1 - score)));
}

}  // namespace

TEST_CASE("A bias moves the choice and is shown beside the score that the weight is made of") {
    const TracePtr trace = one_token(
        R"({"scoring":"sigmoid","order":"score_then_top_k","bias":true,"choice_bias":{"5":[0,0.25,0]}})",
        {logit(0.6), logit(0.5), logit(0.1)}, {1}, {0.5F});
    const LayerChoice choice = choice_scores(*trace, 0).at(0);
    CHECK(choice.layer == 5);
    REQUIRE(choice.experts.size() == 3);
    const ExpertScore& best = choice.experts[0];
    CHECK(best.expert == 1);
    CHECK(best.rank == 1);
    CHECK_THAT(best.score, WithinAbs(0.5, 1e-6));
    CHECK_THAT(best.selection, WithinAbs(0.75, 1e-6));
    CHECK(best.weight == 0.5);
    CHECK(choice.experts[1].expert == 0);
    CHECK(choice.experts[1].rank == 0);
    CHECK(std::isnan(choice.experts[1].weight));
}

TEST_CASE("Experts outside the best groups come last, however good they are") {
    // Groups {0.5, 0.1}, {0.4, 0.3}, {0.2, 0.1}: by their best two the middle one is best.
    const std::string rule =
        R"({"scoring":"sigmoid","order":"score_then_top_k","groups":3,"topk_groups":1,"group_score":)";
    const std::vector<float> logits = {logit(0.5), logit(0.1), logit(0.4),
                                       logit(0.3), logit(0.2), logit(0.1)};
    const LayerChoice pairs =
        choice_scores(*one_token(rule + R"("best_two"})", logits, {2}, {0.4F}), 0).at(0);
    CHECK(pairs.experts[0].expert == 2);
    CHECK(pairs.experts[1].expert == 3);
    CHECK(pairs.experts[2].expert == 0);
    CHECK_FALSE(pairs.experts[2].reachable);
    const LayerChoice single =
        choice_scores(*one_token(rule + R"("best"})", logits, {0}, {0.5F}), 0).at(0);
    CHECK(single.experts[0].expert == 0);
    CHECK(single.experts[1].expert == 1);
    CHECK_FALSE(single.experts[2].reachable);
}

TEST_CASE("Where the choice goes by logits, they are the selection scores") {
    const LayerChoice choice =
        choice_scores(*one_token(R"({"scoring":"softmax","order":"top_k_then_softmax"})", {1, 3, 2},
                                 {1}, {1}),
                      0)
            .at(0);
    CHECK(choice.experts[0].selection == 3);
    CHECK(choice.experts[0].score == 3);
}

TEST_CASE("Softmax scores sum to 1, and ties stand in the order of their experts") {
    const LayerChoice choice =
        choice_scores(
            *one_token(R"({"scoring":"softmax","order":"score_then_top_k"})", {0, 1, 1}, {1}, {1}),
            0)
            .at(0);
    CHECK(choice.experts[0].expert == 1);
    CHECK(choice.experts[1].expert == 2);
    CHECK_THAT(choice.experts[0].score, WithinAbs(std::exp(1.0) / (2 * std::exp(1.0) + 1), 1e-12));
}

TEST_CASE("A trace that does not tell its bias says so") {
    const TracePtr trace = one_token(
        R"({"scoring":"sigmoid","order":"score_then_top_k","bias":true})", {0, 1}, {1}, {1});
    const std::vector<LayerChoice> choices = choice_scores(*trace, 0);
    CHECK_FALSE(choices[0].bias_known);
    CHECK(choice_json(choices)[0]["experts"][0]["selection"].is_null());
    CHECK_THROWS_AS(choice_scores(*one_token("", {0, 1}, {1}, {1}), 0), UserError);
}
