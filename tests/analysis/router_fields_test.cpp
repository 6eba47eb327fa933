// Entropies and margins, which come from the router's own numbers.
#include <cmath>
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "analysis/margin_quantiles.h"
#include "analysis/router_entropy.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// One language, one prompt of `tokens` tokens, one layer of 4 experts.
TraceData one_layer(std::size_t tokens) {
    test::PlantedTrace plan;
    plan.languages = plan.groups = plan.layers = 1;
    plan.tokens = tokens;
    plan.experts = 4;
    return test::planted_data(plan);
}

TokenSelection everything(std::size_t tokens) {
    TokenSelection selection;
    selection.runs = {{0, tokens, 0}};
    selection.prompts.resize(1);
    return selection;
}

RouterEntropy entropy_of(TraceData data) {
    const std::size_t tokens = data.tokens.size();
    Progress progress;
    return router_entropy(*make_trace(std::move(data)), 0, everything(tokens), progress);
}

MarginQuantiles margins_of(std::vector<float> margins) {
    TraceData data = one_layer(margins.size());
    data.layers[0].margin = std::move(margins);
    const std::size_t tokens = data.tokens.size();
    return margin_quantiles(*make_trace(std::move(data)), 0, everything(tokens));
}

}  // namespace

TEST_CASE("Undecided routing has token entropy 1 and no information") {
    TraceData data = one_layer(3);
    data.layers[0].logits = Grid<float>(3, 4, 2.5f);
    const RouterEntropy h = entropy_of(data);
    CHECK_THAT(h.token, WithinAbs(1, 1e-14));
    CHECK_THAT(h.usage, WithinAbs(std::log(4.0), 1e-14));
    CHECK_THAT(h.information, WithinAbs(0, 1e-14));
}

TEST_CASE("Decided routing over all experts has full information") {
    TraceData data = one_layer(4);
    data.layers[0].logits = Grid<float>(4, 4, 0.0f);
    for (std::size_t t = 0; t < 4; ++t) data.layers[0].logits(t, t) = 1000;
    const RouterEntropy h = entropy_of(data);
    CHECK_THAT(h.token, WithinAbs(0, 1e-14));
    CHECK_THAT(h.information, WithinAbs(std::log(4.0), 1e-14));
}

TEST_CASE("Sigmoid scores are normalised first") {
    TraceData data = one_layer(1);
    data.header.model.router_json = R"({"scoring":"sigmoid","order":"score_then_top_k"})";
    // Scores 1/2 and 3/4 three times: p = 2/11, 3/11, 3/11, 3/11.
    const auto z = static_cast<float>(std::log(3.0));
    data.layers[0].logits = Grid<float>(1, 4, std::vector<float>{0, z, z, z});
    const double p = 2.0 / 11, q = 3.0 / 11;
    // The logit is rounded to single precision.
    CHECK_THAT(entropy_of(data).usage, WithinAbs(-(p * std::log(p) + 3 * q * std::log(q)), 1e-7));
}

TEST_CASE("The rule is read from the router's description, then from the layer's") {
    TraceHeader header;
    header.layers.resize(1);
    CHECK(probabilities_of(header, 0) == Probabilities::softmax);
    header.layers[0].rule = "sigmoid over 64 experts, ...";
    CHECK(probabilities_of(header, 0) == Probabilities::normalised_sigmoid);
    header.model.router_json = R"({"scoring":"sigmoid","order":"top_k_then_softmax"})";
    CHECK(probabilities_of(header, 0) == Probabilities::softmax);
}

TEST_CASE("Rows that are not finite are left out of entropies") {
    TraceData data = one_layer(2);
    data.layers[0].logits = Grid<float>(2, 4, 0.0f);
    data.layers[0].logits(0, 3) = kNaN;
    CHECK_THAT(entropy_of(data).token, WithinAbs(1, 1e-14));
    data.layers[0].logits(1, 0) = kNaN;
    CHECK(std::isnan(entropy_of(data).token));
}

TEST_CASE("Margin quantiles are exact and interpolate between order statistics") {
    std::vector<float> margins;
    for (int i = 100; i >= 0; --i) margins.push_back(static_cast<float>(i) / 64);
    CHECK(margins_of(margins).p50 == 50.0 / 64);
    CHECK(margins_of(margins).p05 == 5.0 / 64);
    CHECK(margins_of({3, 1}).p50 == 2);
    CHECK_THAT(margins_of({3, 1}).p05, WithinAbs(1.1, 1e-14));
    CHECK(margins_of({-1, -3, 0.25f}).p50 == -1);
    CHECK(margins_of({7}).p05 == 7);
}

TEST_CASE("Missing margins are left out") {
    CHECK(margins_of({kNaN, 2, kNaN, 4, 3}).p50 == 3);
    CHECK(std::isnan(margins_of({kNaN}).p50));
}
