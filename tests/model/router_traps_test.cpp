// One forged token per trap of a routing rule, small enough to check by hand. Both the rule in
// double precision and the kernel have to get each right.
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/error.h"
#include "tests/support/routing_cases.h"
#include "tests/support/torch_test.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Matchers::WithinAbs;

namespace {

// One token's routing, whoever computed it.
struct Token {
    std::vector<int> experts;
    std::vector<double> weights;
    double margin;
    std::vector<int> counts;
    int ties;
};

enum class By { reference, cpu_kernel };

Token route_token(By by, const std::vector<float>& logits, const RouterSpec& spec,
                  const std::vector<float>& bias = {}) {
    const Grid<float> row(1, logits.size(), logits);
    if (by == By::reference) {
        const auto r = route_reference(row, spec, bias);
        return {{r.experts.values().begin(), r.experts.values().end()},
                {r.weights.values().begin(), r.weights.values().end()},
                r.margin[0],
                {r.counts.begin(), r.counts.end()},
                r.ties};
    }
    const auto r = route_on(at::kCPU, row, spec, bias);
    const auto experts = grid_of<std::int32_t>(r.experts);
    const auto weights = grid_of<float>(r.weights);
    const auto counts = grid_of<std::int32_t>(r.counts);
    return {{experts.values().begin(), experts.values().end()},
            {weights.values().begin(), weights.values().end()},
            r.margin.item<float>(),
            {counts.values().begin(), counts.values().end()},
            r.ties.item<int>()};
}

void check_weights(const Token& token, const std::vector<double>& expected) {
    REQUIRE(token.weights.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK_THAT(token.weights[i], WithinAbs(expected[i], 1e-6));  // f32 rounding
    }
}

// The logits whose softmax is `shares`, which sum to 1.
std::vector<float> logits_for(std::vector<double> shares) {
    std::vector<float> logits;
    for (const double s : shares) logits.push_back(static_cast<float>(std::log(s)));
    return logits;
}

// The logit whose sigmoid is `score`.
float logit(double score) {
    return static_cast<float>(std::log(score / (1 - score)));
}

const float infinity = std::numeric_limits<float>::infinity();
const float not_a_number = std::numeric_limits<float>::quiet_NaN();

#define FOR_BOTH(by) const By by = GENERATE(By::reference, By::cpu_kernel)

}  // namespace

TEST_CASE("the bias moves the choice but never the weight", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{
        .experts = 3, .top_k = 1, .scoring = Scoring::sigmoid, .choice_bias = true};
    const std::vector<float> logits = {logit(0.6), logit(0.5), logit(0.1)};
    CHECK(route_token(by, logits, spec, {0, 0, 0}).experts == std::vector{0});
    const Token moved = route_token(by, logits, spec, {0, 0.25F, 0});
    CHECK(moved.experts == std::vector{1});
    check_weights(moved, {0.5});
    CHECK_THAT(moved.margin, WithinAbs(0.15, 1e-6));
}

TEST_CASE("weights are shares of all experts unless they are renormalised", "[model]") {
    FOR_BOTH(by);
    RouterSpec spec{.experts = 4, .top_k = 2};
    const auto logits = logits_for({0.1, 0.5, 0.1, 0.3});
    check_weights(route_token(by, logits, spec), {0.5, 0.3});
    spec.renormalise = true;
    check_weights(route_token(by, logits, spec), {0.625, 0.375});
}

TEST_CASE("the scale multiplies what is left after renormalising", "[model]") {
    FOR_BOTH(by);
    RouterSpec spec{.experts = 4, .top_k = 2, .scale = 16};
    const auto logits = logits_for({0.1, 0.5, 0.1, 0.3});
    check_weights(route_token(by, logits, spec), {8, 4.8});
    spec.renormalise = true;
    check_weights(route_token(by, logits, spec), {10, 6});
}

TEST_CASE("a softmax over the chosen differs from one over all", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{.experts = 3, .top_k = 2, .order = SelectionOrder::top_k_then_softmax};
    const Token token = route_token(by, {1, 3, 2}, spec);
    CHECK(token.experts == std::vector{1, 2});
    check_weights(token, {0.7310585786, 0.2689414214});  // sigmoid(1), sigmoid(-1)
    CHECK_THAT(token.margin, WithinAbs(1, 1e-6));        // of the logits
}

TEST_CASE("logits whose sigmoids are all 1 are still told apart", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{.experts = 3,
                          .top_k = 1,
                          .order = SelectionOrder::top_k_then_sigmoid,
                          .weight_on_input = true};
    // Every one of these sigmoids is 1 in f32, so that a choice by sigmoid would take expert 0.
    const Token sure = route_token(by, {30, 60, 40}, spec);
    CHECK(sure.experts == std::vector{1});
    CHECK_THAT(sure.margin, WithinAbs(20, 1e-6));  // of the logits
    check_weights(route_token(by, {-1, 0, -2}, spec), {0.5});
}

TEST_CASE("the best expert of a group left out is not chosen", "[model]") {
    FOR_BOTH(by);
    RouterSpec spec{.experts = 6, .top_k = 2, .groups = 3, .topk_groups = 1};
    // Groups: {0.05, 0.30}, {0.25, 0.24}, {0.15, 0.01}.
    const auto logits = logits_for({0.05, 0.30, 0.25, 0.24, 0.15, 0.01});
    SECTION("a group is as good as its best expert") {
        const Token token = route_token(by, logits, spec);
        CHECK(token.experts == std::vector{1, 0});
        check_weights(token, {0.30, 0.05});
        // Groups are 0.30 - 0.25 apart; experts outside count as 0, so 0.05 - 0 is as small.
        CHECK_THAT(token.margin, WithinAbs(0.05, 1e-6));
    }
    SECTION("a group is as good as its two best experts") {
        spec.group_score = GroupScore::best_two;
        const Token token = route_token(by, logits, spec);
        CHECK(token.experts == std::vector{2, 3});
        // Groups 0.49 - 0.35 apart; experts outside are out of the question.
        CHECK_THAT(token.margin, WithinAbs(0.14, 1e-6));
    }
}

TEST_CASE("the margin is that of the groups where it is the smaller one", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{.experts = 4, .top_k = 1, .groups = 2, .topk_groups = 1};
    const Token token = route_token(by, logits_for({0.40, 0.15, 0.38, 0.07}), spec);
    CHECK(token.experts == std::vector{0});
    CHECK_THAT(token.margin, WithinAbs(0.02, 1e-6));  // 0.40 - 0.38, not 0.40 - 0.15
}

TEST_CASE("ties go to the lower index and are counted", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{.experts = 5, .top_k = 2};
    const Token token = route_token(by, {0, 1, 0, 1, 1}, spec);
    CHECK(token.experts == std::vector{1, 3});
    CHECK(token.margin == 0);
    CHECK(token.ties == 1);
    CHECK(token.counts == std::vector{0, 1, 0, 1, 0});
}

TEST_CASE("equal scores among the chosen are no tie", "[model]") {
    FOR_BOTH(by);
    const Token token = route_token(by, {0, 1, 1}, {.experts = 3, .top_k = 2});
    CHECK(token.experts == std::vector{1, 2});
    CHECK(token.ties == 0);
}

TEST_CASE("groups that tie go to the lower index and are counted", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{.experts = 4, .top_k = 1, .groups = 2, .topk_groups = 1};
    const Token token = route_token(by, {0, 2, 2, 1}, spec);
    CHECK(token.experts == std::vector{1});
    CHECK(token.ties == 1);
}

TEST_CASE("a negative zero ties with a positive one", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{.experts = 2, .top_k = 1, .scoring = Scoring::none};
    const Token token = route_token(by, {-0.0F, 0.0F}, spec);
    CHECK(token.experts == std::vector{0});
    CHECK(token.ties == 1);
}

TEST_CASE("where every expert is chosen the margin is infinite", "[model]") {
    FOR_BOTH(by);
    const Token token = route_token(by, {0, 2, 1}, {.experts = 3, .top_k = 3});
    CHECK(token.experts == std::vector{1, 2, 0});
    CHECK(token.margin == infinity);
    CHECK(token.ties == 0);
}

TEST_CASE("a single expert gets all the weight", "[model]") {
    FOR_BOTH(by);
    const Token token = route_token(by, {-7}, {.experts = 1, .top_k = 1});
    CHECK(token.experts == std::vector{0});
    check_weights(token, {1});
    CHECK(token.margin == infinity);
}

TEST_CASE("sparsemixer weighs each choice among the logits near it", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{
        .experts = 4, .top_k = 2, .order = SelectionOrder::sparsemixer, .jitter = 0.1};
    // First: 10 with 9 near it (0.1 of 10, below 0.2), 7 and 1 not. Second: 9 with nothing near
    // it but itself: 10 is taken, 7 is 2/9 away.
    const Token token = route_token(by, {7, 10, 9, 1}, spec);
    CHECK(token.experts == std::vector{1, 2});
    check_weights(token, {0.7310585786, 1});  // 1 / (1 + exp(-1))
    CHECK_THAT(token.margin, WithinAbs(2, 1e-6));
}

TEST_CASE("extreme logits neither overflow nor lose the choice", "[model]") {
    FOR_BOTH(by);
    RouterSpec spec{.experts = 3, .top_k = 2};
    const Token token = route_token(by, {-1e4F, 1e4F, 0}, spec);
    CHECK(token.experts[0] == 1);
    check_weights(token, {1, 0});

    spec.scoring = Scoring::sigmoid;
    spec.renormalise = true;
    check_weights(route_token(by, {-1e4F, -2e4F, -3e4F}, spec), {0, 0});  // and not NaN
}

TEST_CASE("a NaN loses against every number, also against minus infinity", "[model]") {
    FOR_BOTH(by);
    const RouterSpec spec{.experts = 3, .top_k = 2, .scoring = Scoring::none};
    const Token token = route_token(by, {not_a_number, -infinity, 0}, spec);
    CHECK(token.experts == std::vector{2, 1});
    CHECK(std::isnan(token.margin));
    CHECK(token.ties == 0);
}

TEST_CASE("a NaN logit makes every share unknown, and the choice stays in range", "[model]") {
    FOR_BOTH(by);
    const Token token = route_token(by, {1, not_a_number, 2}, {.experts = 3, .top_k = 2});
    CHECK(token.experts == std::vector{0, 1});
    CHECK(std::isnan(token.weights[0]));
    CHECK(std::isnan(token.margin));
}

TEST_CASE("a rule that no router can follow is refused", "[model]") {
    const auto refused = [](const RouterSpec& spec) {
        CHECK_THROWS_AS(check_spec(spec), UserError);
    };
    refused({.experts = 0, .top_k = 1});
    refused({.experts = 4, .top_k = 0});
    refused({.experts = 4, .top_k = 5});
    refused({.experts = 6, .top_k = 1, .groups = 4, .topk_groups = 1});
    refused({.experts = 6, .top_k = 1, .groups = 3, .topk_groups = 4});
    refused({.experts = 6, .top_k = 3, .groups = 3, .topk_groups = 1});
    refused({.experts = 4, .top_k = 1, .order = SelectionOrder::sparsemixer});
    CHECK_NOTHROW(check_spec({.experts = 6, .top_k = 2, .groups = 3, .topk_groups = 1}));
}
