// Several changes that act in one run.
#include <ATen/ATen.h>
#include <catch2/catch_approx.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "model/forward/forward_pass.h"
#include "model/intervene/intervention_edit.h"
#include "tests/intervene/tiny_run.h"
#include "tests/support/routing_cases.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

const Intervention kDrop{.op = Operator::drop, .targets = {{1, 9}}};
const Intervention kReroute{.op = Operator::reroute, .targets = {{1, 0}}};
const Intervention kForce{.op = Operator::force, .targets = {{2, 5}}};
const Intervention kBoost{.op = Operator::boost, .targets = {{2, 1}}, .lambda = 1.5};

Intervention in_language(Intervention change, const std::string& language) {
    change.rows.languages = {language};
    return change;
}

struct Logits : RoutingObserver {
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_output(std::int64_t, const at::Tensor& rows) override { output = rows.clone(); }
    at::Tensor output;
};

// Two prompts, in a and in b.
TokenBatch two_languages() {
    TokenBatch batch;
    batch.append({3, 9, 12, 40, 8, 2, 33});
    batch.append({17, 5, 9, 60, 21});
    batch.languages = {"a", "b"};
    return batch;
}

at::Tensor logits_under(const Engine& engine, std::shared_ptr<const RoutingEdit> edit) {
    Logits seen;
    ForwardPass(engine.model, {.batch_invariant = true, .route = {}, .edit = std::move(edit)})
        .run(two_languages(), seen, Progress());
    return seen.output;
}

at::Tensor logits_under(const Engine& engine, const Variant& together) {
    return logits_under(engine, std::make_shared<InterventionEdit>(together));
}

// Each layer obeys an edit of its own.
class ByLayer final : public RoutingEdit {
  public:
    ByLayer(Intervention in_1, Intervention in_2)
        : edits_{InterventionEdit({std::move(in_1)}), InterventionEdit({std::move(in_2)})} {}

    Routing choose(const RouterStep& step, const RouteFunction& route) const override {
        if (step.layer == 0) return route(step.layer, step.logits, step.rule, step.choice_bias);
        return edits_[static_cast<std::size_t>(step.layer - 1)].choose(step, route);
    }
    at::Tensor output(const RouterStep& step, const Routing& routing,
                      const at::Tensor& made) const override {
        if (step.layer == 0) return made;
        return edits_[static_cast<std::size_t>(step.layer - 1)].output(step, routing, made);
    }

  private:
    InterventionEdit edits_[2];
};

void check_exactly_nothing(const InterventionResult& result) {
    REQUIRE(result.languages.size() == 2);
    for (const LanguageEffect& language : result.languages) {
        CHECK(language.tokens > 0);
        for (const Effect* e : {&language.nll_change, &language.kl, &language.top1_change}) {
            CHECK(e->estimate.value == 0.0);
            CHECK(e->estimate.high == 0.0);
        }
    }
}

}  // namespace

TEST_CASE("Two changes of different layers are those of each layer by itself", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const Intervention first = GENERATE(kDrop, kReroute, in_language(kReroute, "b"));
    const Intervention second = GENERATE(kForce, kBoost);
    const at::Tensor together = logits_under(engine, {first, second});
    CHECK(at::equal(together, logits_under(engine, std::make_shared<ByLayer>(first, second))));
    CHECK_FALSE(at::equal(together, logits_under(engine, Variant{first})));
    CHECK_FALSE(at::equal(together, logits_under(engine, Variant{second})));
}

TEST_CASE("In which order changes are named makes no difference", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const Intervention dropped{.op = Operator::drop, .targets = {{2, 0}, {2, 5}}};
    const Variant ways = {kReroute, kForce, kBoost, dropped, in_language(kDrop, "a")};
    Variant turned(ways.rbegin(), ways.rend());
    CHECK(at::equal(logits_under(engine, ways), logits_under(engine, turned)));
}

TEST_CASE("Each language has the changes that are meant for it", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const Intervention force{.op = Operator::force, .targets = {{1, 5}}};
    const at::Tensor both =
        logits_under(engine, {in_language(force, "a"), in_language(kReroute, "b")});
    const at::Tensor forced = logits_under(engine, Variant{force});
    const at::Tensor rerouted = logits_under(engine, Variant{kReroute});
    CHECK(at::equal(both.narrow(0, 0, 7), forced.narrow(0, 0, 7)));
    CHECK(at::equal(both.narrow(0, 7, 5), rerouted.narrow(0, 7, 5)));
}

TEST_CASE("An expert taken away and one forced in the same layer, by the definitions", "[model]") {
    const RouterSpec spec{.experts = 8, .top_k = 2, .renormalise = true};
    const Grid<float> logits = test::random_logits(50, 8, 5);
    const at::Tensor given = test::tensor_of(logits), none;
    TokenBatch batch;
    batch.append(std::vector<std::int64_t>(50, 0));
    const InterventionEdit edit({{.op = Operator::reroute, .targets = {{3, 1}}},
                                 {.op = Operator::force, .targets = {{3, 6}}}});
    const Routing made = edit.choose({3, batch, given, spec, none},
                                     [](LayerId, const at::Tensor& z, const RouterSpec& rule,
                                        const at::Tensor& bias) { return route(z, rule, bias); });
    for (std::int64_t t = 0; t < 50; ++t) {
        const auto z = logits.row(static_cast<std::size_t>(t));
        // 6, and the best of those that are neither 6 nor 1.
        int best = 0;
        for (const int e : {2, 3, 4, 5, 7}) {
            if (z[static_cast<std::size_t>(e)] > z[static_cast<std::size_t>(best)]) best = e;
        }
        const double other = std::exp(z[static_cast<std::size_t>(best)]), six = std::exp(z[6]);
        for (int rank = 0; rank < 2; ++rank) {
            const int expert = made.experts[t][rank].item<int>();
            REQUIRE((expert == 6 || expert == best));
            // f32 weights of at most 1.
            CHECK(made.weights[t][rank].item<double>() ==
                  Catch::Approx((expert == 6 ? six : other) / (six + other)).margin(1e-6));
        }
    }
}

TEST_CASE("Nothing to change has an effect of exactly zero and no controls", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const auto result = test::run_tiny(engine, test::id_prompts(6, 64), {});
    check_exactly_nothing(result);
    CHECK(result.controls.empty());
    CHECK(result.notes.empty());
}

TEST_CASE("Changes that touch no token have an effect of exactly zero", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    Variant together = {kDrop, kForce, kReroute};
    for (Intervention& change : together) change.rows.first_position = 100;
    together.push_back({.op = Operator::boost, .targets = {{2, 1}}, .lambda = 0.0});
    check_exactly_nothing(test::run_tiny(engine, test::id_prompts(6, 64), together));
}

TEST_CASE("Every control changes as many experts of the same layers, in the same ways", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const auto result = test::run_tiny(engine, test::id_prompts(6, 64), {kDrop, kForce}, 3);
    REQUIRE(result.variants.size() == 4);
    CHECK(result.targets.size() == 2);
    CHECK(result.languages[0].kl.estimate.value > 0);
    CHECK(result.languages[0].kl.controls.size() == 3);
    for (std::size_t c = 1; c < 4; ++c) {
        const Variant& control = result.variants[c];
        REQUIRE(control.size() == 2);
        CHECK(control[0].op == Operator::drop);
        CHECK(control[0].targets.at(0).layer == 1);
        CHECK((control[0].targets != kDrop.targets));
        CHECK(control[1].op == Operator::force);
        CHECK(control[1].targets.at(0).layer == 2);
        CHECK((control[1].targets != kForce.targets));
    }
}

TEST_CASE("Changes that contradict each other on some token are refused", "[model]") {
    using Catch::Matchers::ContainsSubstring;
    using Catch::Matchers::MessageMatches;
    ModelSpec model;
    MoeSpec moe;
    moe.rule = {.experts = 4, .top_k = 2};
    model.layers.emplace_back().feed_forward = moe;
    const auto on = [](Operator op, std::vector<ExpertTarget> targets) {
        return Intervention{.op = op, .targets = std::move(targets)};
    };
    const Intervention away = on(Operator::reroute, {{0, 1}});
    const Intervention forced = on(Operator::force, {{0, 1}});
    const auto check = [&](Variant together) { check_interventions(together, model); };
    CHECK_THROWS_MATCHES(
        check({away, forced}), UserError,
        MessageMatches(ContainsSubstring("expert 1 is a target of reroute and of force")));
    CHECK_THROWS_AS(check({in_language(away, "fr"), forced}), UserError);
    CHECK_NOTHROW(check({in_language(away, "fr"), in_language(forced, "ar")}));
    Intervention late = forced;
    late.rows.first_position = 5;
    Intervention early = away;
    early.rows.last_position = 4;
    CHECK_NOTHROW(check({early, late}));
    early.rows.last_position = 5;
    CHECK_THROWS_AS(check({early, late}), UserError);
    CHECK_THROWS_AS(check({on(Operator::drop, {{0, 1}}), on(Operator::mean, {{0, 1}})}), UserError);
    // Two are left where both lists act, and two have to be chosen.
    CHECK_NOTHROW(check({away, on(Operator::reroute, {{0, 2}})}));
    CHECK_THROWS_AS(check({away, on(Operator::reroute, {{0, 2}, {0, 3}})}), UserError);
}
