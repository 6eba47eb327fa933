// Changed choices under every kind of rule, against the definitions written out in double.
#include <map>

#include <ATen/ATen.h>
#include <catch2/catch_approx.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "model/intervene/intervention_edit.h"
#include "tests/support/routing_cases.h"

using namespace alluvium;

namespace {

constexpr int kExperts = 16;
constexpr int kTop = 2;
constexpr std::size_t kTokens = 60;
constexpr LayerId kLayer = 3;

Routing rule(LayerId, const at::Tensor& logits, const RouterSpec& spec, const at::Tensor& bias) {
    return route(logits, spec, bias);
}

TokenBatch one_prompt() {
    TokenBatch batch;
    batch.append(std::vector<std::int64_t>(kTokens, 0));
    return batch;
}

std::vector<double> scores_of(const RouterSpec& spec, std::span<const float> logits) {
    std::vector<double> s(logits.begin(), logits.end());
    double sum = 0;
    for (const double z : s) sum += std::exp(z);
    if (spec.order != SelectionOrder::score_then_top_k) return s;
    for (double& z : s) {
        if (spec.scoring == Scoring::softmax) z = std::exp(z) / sum;
        if (spec.scoring == Scoring::sigmoid) z = 1 / (1 + std::exp(-z));
        if (spec.scoring == Scoring::sqrt_softplus) z = std::sqrt(std::log1p(std::exp(z)));
    }
    return s;
}

// expert -> weight of a chosen set, by the rule.
std::map<int, double> weights_of(const RouterSpec& spec, const std::vector<double>& scores,
                                 const std::vector<int>& chosen) {
    std::map<int, double> weights;
    double sum = 0;
    for (const int e : chosen) {
        const bool late = spec.order == SelectionOrder::top_k_then_softmax;
        const bool squashed = spec.order == SelectionOrder::top_k_then_sigmoid;
        weights[e] = late       ? std::exp(scores[static_cast<std::size_t>(e)])
                     : squashed ? 1 / (1 + std::exp(-scores[static_cast<std::size_t>(e)]))
                                : scores[static_cast<std::size_t>(e)];
        sum += weights[e];
    }
    const bool normal = spec.renormalise || spec.order == SelectionOrder::top_k_then_softmax;
    for (auto& [e, w] : weights) w = (normal ? w / sum : w) * spec.scale;
    return weights;
}

// The experts in falling order of their selection score.
std::vector<int> ranking(const std::vector<double>& scores, const std::vector<float>& bias) {
    std::vector<double> selection = scores;
    for (std::size_t e = 0; e < bias.size(); ++e) selection[e] += bias[e];
    std::vector<int> order(selection.size());
    for (std::size_t e = 0; e < order.size(); ++e) order[e] = static_cast<int>(e);
    std::ranges::stable_sort(order, [&](int a, int b) {
        return selection[static_cast<std::size_t>(a)] > selection[static_cast<std::size_t>(b)];
    });
    return order;
}

bool is_target(int e) {
    return e == 1 || e == 6;
}

std::vector<int> rerouted(const std::vector<int>& order) {
    std::vector<int> chosen;
    for (const int e : order) {
        if (!is_target(e) && chosen.size() < kTop) chosen.push_back(e);
    }
    return chosen;
}

// Only expert 6 is forced.
std::vector<int> forced(const std::vector<int>& order) {
    std::vector<int> chosen(order.begin(), order.begin() + kTop);
    if (std::ranges::find(chosen, 6) == chosen.end()) chosen.back() = 6;
    return chosen;
}

Routing changed(const Intervention& intervention, const RouterSpec& spec, const at::Tensor& logits,
                const at::Tensor& bias) {
    const TokenBatch batch = one_prompt();
    return InterventionEdit({intervention}).choose({kLayer, batch, logits, spec, bias}, rule);
}

std::vector<test::RoutingCase> plain_cases() {
    auto cases = test::routing_cases(kExperts, kTop);
    std::erase_if(cases, [](const test::RoutingCase& c) {
        return c.spec.groups > 1 || c.spec.order == SelectionOrder::sparsemixer;
    });
    return cases;
}

Intervention reroute_1_and_6() {
    return {.op = Operator::reroute, .targets = {{kLayer, 1}, {kLayer, 6}}};
}

}  // namespace

TEST_CASE("The next experts take over, with the weights that the rule gives them", "[model]") {
    for (const auto& [name, spec] : plain_cases()) {
        CAPTURE(name);
        const Grid<float> logits = test::random_logits(kTokens, kExperts, 5);
        const std::vector<float> bias = test::random_bias(spec, 9);
        const Intervention force{.op = Operator::force, .targets = {{kLayer, 6}}};
        for (const Intervention& change : {reroute_1_and_6(), force}) {
            const Routing made =
                changed(change, spec, test::tensor_of(logits), test::tensor_of(bias));
            for (std::size_t t = 0; t < kTokens; ++t) {
                const auto scores = scores_of(spec, logits.row(t));
                const auto order = ranking(scores, bias);
                const auto expected = weights_of(
                    spec, scores, change.op == Operator::force ? forced(order) : rerouted(order));
                for (int rank = 0; rank < kTop; ++rank) {
                    const auto row = static_cast<std::int64_t>(t);
                    const int expert = made.experts[row][rank].item<int>();
                    REQUIRE(expected.contains(expert));
                    // f32 scores and weights of at most 2.5.
                    CHECK(made.weights[row][rank].item<double>() ==
                          Catch::Approx(expected.at(expert)).margin(1e-6).epsilon(1e-6));
                }
            }
        }
    }
}

TEST_CASE("Counts and ties belong to the changed choice", "[model]") {
    const RouterSpec spec{.experts = kExperts, .top_k = kTop};
    const at::Tensor logits = test::tensor_of(test::random_logits(kTokens, kExperts, 5));
    Intervention change = reroute_1_and_6();
    change.rows.first_position = 10;
    change.rows.last_position = 30;
    const Routing made = changed(change, spec, logits, {});
    CHECK(made.counts.equal(at::bincount(made.experts.flatten(), {}, kExperts).to(at::kInt)));
    CHECK(made.counts.sum().item<int>() == static_cast<int>(kTokens) * kTop);
    const Routing base = route(logits, spec);
    CHECK(made.experts.narrow(0, 0, 10).equal(base.experts.narrow(0, 0, 10)));
    CHECK(made.experts.narrow(0, 31, 29).equal(base.experts.narrow(0, 31, 29)));
    CHECK_FALSE(
        at::isin(made.experts.narrow(0, 10, 21), at::tensor({1, 6}, at::kInt)).any().item<bool>());
}

TEST_CASE("Rules with groups and sparsemixer never choose what is taken away", "[model]") {
    for (const auto& [name, spec] : test::routing_cases(kExperts, kTop)) {
        CAPTURE(name);
        const Grid<float> logits = test::random_logits(kTokens, kExperts, 5);
        const auto bias = test::random_bias(spec, 9);
        const Routing made =
            changed(reroute_1_and_6(), spec, test::tensor_of(logits), test::tensor_of(bias));
        CHECK_FALSE(at::isin(made.experts, at::tensor({1, 6}, at::kInt)).any().item<bool>());
        CHECK(made.weights.isfinite().all().item<bool>());
        if (spec.order != SelectionOrder::sparsemixer) continue;
        Grid<float> without = logits;
        for (std::size_t t = 0; t < kTokens; ++t) without(t, 1) = without(t, 6) = -INFINITY;
        const ReferenceRouting expected = route_reference(without, spec);
        for (std::size_t t = 0; t < kTokens; ++t) {
            const auto row = static_cast<std::int64_t>(t);
            CHECK(made.experts[row][1].item<int>() == expected.experts(t, 1));
            CHECK(made.weights[row][1].item<double>() ==
                  Catch::Approx(expected.weights(t, 1)).margin(1e-6));
        }
    }
}

TEST_CASE("A boost adds lambda standard deviations of the token's logits", "[model]") {
    const RouterSpec spec{.experts = 3, .top_k = 1};
    // Both rows: mean 2, population variance (4 + 4 + 0) / 3.
    const at::Tensor logits = at::tensor({0.0F, 4.0F, 2.0F, 0.0F, 4.0F, 2.0F}).view({2, 3});
    const double deviation = std::sqrt(8.0 / 3.0);
    TokenBatch batch;
    batch.append({0, 0});
    const auto chosen = [&](double lambda) {
        const Intervention boost{.op = Operator::boost, .targets = {{kLayer, 0}}, .lambda = lambda};
        return InterventionEdit({boost}).choose({kLayer, batch, logits, spec, {}}, rule);
    };
    CHECK(chosen(3.99 / deviation).experts[0][0].item<int>() == 1);
    const Routing over = chosen(4.01 / deviation);
    CHECK(over.experts[0][0].item<int>() == 0);
    CHECK(over.weights[1][0].item<double>() ==
          Catch::Approx(std::exp(4.01) / (std::exp(4.01) + std::exp(4.0) + std::exp(2.0))));
}

TEST_CASE("What a rule cannot follow is refused with the reason", "[model]") {
    using Catch::Matchers::ContainsSubstring;
    using Catch::Matchers::MessageMatches;
    ModelSpec model;
    MoeSpec moe;
    moe.rule = {.experts = 3, .top_k = 2};
    model.layers.emplace_back().feed_forward = moe;
    const auto check = [&](const Intervention& change) {
        check_interventions({&change, 1}, model);
    };
    CHECK_THROWS_MATCHES(
        check({.op = Operator::reroute, .targets = {{0, 0}, {0, 1}}}), UserError,
        MessageMatches(ContainsSubstring("1 experts are left, 2 have to be chosen")));
    CHECK_THROWS_MATCHES(
        check({.op = Operator::force, .targets = {{0, 0}, {0, 1}, {0, 2}}}), UserError,
        MessageMatches(ContainsSubstring("3 experts are to be forced, 2 are chosen")));
    moe.rule.order = SelectionOrder::sparsemixer;
    model.layers[0].feed_forward = moe;
    CHECK_THROWS_AS(check({.op = Operator::force, .targets = {{0, 0}}}), UserError);
    CHECK_NOTHROW(check({.op = Operator::drop, .targets = {{0, 0}, {0, 1}, {0, 2}}}));
}

TEST_CASE("Targets are numbers, every layer, or labels", "[model]") {
    ModelSpec model;
    model.layers.resize(4);
    for (const std::size_t routed : {1U, 3U}) {
        MoeSpec moe;
        moe.rule = {.experts = 4, .top_k = 2};
        model.layers[routed].feed_forward = moe;
    }
    const std::vector<std::string> labels = {"ar", "de", "en", "fr"};
    const auto parse = [&](std::string_view list) {
        return parse_targets(list, "--ablate", model, labels);
    };
    CHECK(targets_word(parse("3:0,1:2,3:0")) == "1:2,3:0");
    CHECK(targets_word(parse("*:fr")) == "1:3,3:3");
    CHECK(targets_word(parse("3:de,1:2")) == "1:2,3:1");
    for (const char* wrong : {"", "3", "2:0", "3:4", "3:xx", "x:1", "-1:0"}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(parse(wrong), UserError);
    }
}
