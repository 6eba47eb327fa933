// What does not change has an effect of exactly zero.
#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>

#include "model/forward/forward_pass.h"
#include "model/intervene/intervene.h"
#include "model/intervene/run_statistics.h"
#include "tests/intervene/tiny_run.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

// Experts of a layer by the tokens that chose them.
std::vector<std::uint64_t> loads(const Engine& engine, const std::vector<Prompt>& prompts,
                                 LayerId layer) {
    RunStatistics run(engine.model, 1, {});
    for (const Prompt& prompt : prompts) {
        TokenBatch batch;
        batch.append({prompt.ids.begin(), prompt.ids.end()});
        run.begin(std::vector<std::int64_t>(prompt.ids.size(), 0));
        ForwardPass(engine.model, {.batch_invariant = true, .route = {}})
            .run(batch, run, Progress());
    }
    return run.load(layer);
}

int idle_expert(const std::vector<std::uint64_t>& loads) {
    for (std::size_t e = 0; e < loads.size(); ++e) {
        if (loads[e] == 0) return static_cast<int>(e);
    }
    return -1;
}

void check_zero(const LanguageEffect& effect) {
    CAPTURE(effect.language);
    CHECK(effect.tokens > 0);
    for (const Effect* e : {&effect.nll_change, &effect.kl, &effect.top1_change}) {
        CHECK(e->estimate.value == 0.0);
        CHECK(e->estimate.low == 0.0);
        CHECK(e->estimate.high == 0.0);
    }
}

struct Kept : RoutingObserver {
    bool wants_hidden() const override { return true; }
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch& batch) override { routed.push_back(batch.routed); }
    void on_hidden(LayerId layer, const at::Tensor& state) override {
        if (layer == 0) after_first = state.clone();
    }
    void on_output(std::int64_t, const at::Tensor& rows) override { output = rows.clone(); }
    std::vector<std::size_t> routed;
    at::Tensor after_first, output;
};

}  // namespace

TEST_CASE("Dropping an expert that never fires changes nothing at all", "[model]") {
    const Engine engine = test::tiny_engine("olmoe_65_experts_top8");
    const auto prompts = test::id_prompts(2, 48);
    const int idle = idle_expert(loads(engine, prompts, 1));
    REQUIRE(idle >= 0);
    const Operator op = GENERATE(Operator::drop, Operator::mean);
    const auto result = test::run_tiny(engine, prompts, {{.op = op, .targets = {{1, idle}}}});
    for (const LanguageEffect& effect : result.languages) {
        CHECK(effect.visited == 0.0);
        CHECK(effect.nll_change.estimate.value == 0.0);
        CHECK(effect.kl.estimate.value == 0.0);
        CHECK(effect.top1_change.estimate.value == 0.0);
    }
}

TEST_CASE("Routing that is pushed by nothing stays bit for bit what it was", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const auto prompts = test::id_prompts(8, 64);
    const auto boosted = test::run_tiny(
        engine, prompts, {{.op = Operator::boost, .targets = {{1, 2}, {2, 3}}, .lambda = 0.0}});
    for (const LanguageEffect& effect : boosted.languages) check_zero(effect);
}

TEST_CASE("Languages outside the restriction see an effect of exactly zero", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const auto prompts = test::id_prompts(8, 64);
    Intervention intervention{.op = Operator::reroute, .targets = {{1, 1}, {1, 3}, {2, 5}}};
    intervention.rows.languages = {"a"};
    const auto result = test::run_tiny(engine, prompts, {intervention});
    REQUIRE(result.languages.size() == 2);
    CHECK(result.languages[0].kl.estimate.value > 0);
    check_zero(result.languages[1]);
}

TEST_CASE("Positions after the last token leave everything as it is", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const auto prompts = test::id_prompts(8, 64);
    Intervention intervention{.op = Operator::force, .targets = {{1, 1}, {2, 5}}};
    intervention.rows.first_position = 100;
    for (const LanguageEffect& effect : test::run_tiny(engine, prompts, {intervention}).languages) {
        check_zero(effect);
    }
}

TEST_CASE("A pass that goes on from the middle gives the bits of a whole one", "[model]") {
    const Engine engine = test::tiny_engine("apollo");
    const TokenBatch batch = test::golden_batch("apollo");
    const bool invariant = GENERATE(false, true);
    const ForwardPass forward(engine.model, {.batch_invariant = invariant, .route = {}});
    Kept whole, rest;
    forward.run(batch, whole, Progress());
    forward.run_from(1, whole.after_first, batch, rest, Progress());
    CHECK(at::equal(whole.output, rest.output));
    CHECK(whole.routed == rest.routed);
}
