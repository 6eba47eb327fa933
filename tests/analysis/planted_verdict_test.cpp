// Traces with a known truth, judged end to end.
#include <functional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "analysis/analyze.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

AnalysisOptions quick(std::uint64_t seed = 0) {
    AnalysisOptions options;
    options.seed = seed;
    options.controls = ControlOptions::none();
    options.noise_splits = 1;
    options.bootstraps = 40;
    return options;
}

Verdict judge_plan(const PlantedTrace& plan) {
    Progress progress;
    return analyze(*planted_trace(plan), quick(plan.seed), progress).verdict;
}

// 0.6 where `up`, 0.2 elsewhere.
std::function<double(double)> steps(std::function<bool(double)> up) {
    return [up = std::move(up)](double depth) { return up(depth) ? 0.6 : 0.2; };
}

}  // namespace

TEST_CASE("Planted patterns are recognised with translations and without") {
    struct Row {
        Pattern pattern;
        std::function<double(double)> pull;
    };
    const Row row =
        GENERATE(Row{Pattern::spread_out_in_the_end, steps([](double d) { return d > 0.67; })},
                 Row{Pattern::u_shaped, steps([](double d) { return d > 0.67 || d < 0.33; })},
                 Row{Pattern::front_loaded, steps([](double d) { return d < 0.33; })},
                 Row{Pattern::flat, steps([](double) { return false; })},
                 Row{Pattern::middle_peaked, steps([](double d) { return d > 0.33 && d < 0.67; })},
                 Row{Pattern::rising, [](double d) { return 0.1 + 0.6 * d; }},
                 Row{Pattern::falling, [](double d) { return 0.7 - 0.6 * d; }});
    PlantedTrace plan;
    plan.groups = 20;
    plan.tokens = 30;
    plan.pull = row.pull;
    plan.translations = GENERATE(true, false);
    INFO(to_string(row.pattern) << (plan.translations ? " with" : " without") << " translations");
    CHECK(to_string(judge_plan(plan).pattern) == to_string(row.pattern));
}

TEST_CASE("The onset of a planted spread is where it was planted") {
    PlantedTrace plan;
    plan.groups = 20;
    plan.tokens = 30;
    plan.layers = 12;
    plan.pull = steps([](double d) { return d > 0.79; });  // from layer 9 of 0..11 on
    const Verdict verdict = judge_plan(plan);
    REQUIRE(verdict.onset.has_value());
    CHECK(verdict.onset->layer == 9);
    CHECK(verdict.onset->low <= 9);
    CHECK(verdict.onset->high >= 9);
}

TEST_CASE("Routing that ignores the language is called so") {
    // 60 traces; each is called something else with a probability of 5 %. More than 8 of 60 would
    // happen by chance once in two hundred runs of other seeds; these seeds are fixed.
    int wrong = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        PlantedTrace plan;
        plan.layers = 18;
        plan.groups = 12;
        plan.tokens = 12;
        plan.translations = seed % 2 == 0;
        plan.seed = seed;
        wrong += judge_plan(plan).pattern != Pattern::no_language_routing;
    }
    CHECK(wrong <= 8);
}

TEST_CASE("A weak difference in few prompts is inconclusive and asks for more") {
    PlantedTrace plan;
    plan.groups = 4;
    plan.tokens = 10;
    plan.pull = [](double d) { return d > 0.67 ? 0.4 : 0.3; };
    Progress progress;
    const Analysis analysis = analyze(*planted_trace(plan), quick(), progress);
    CHECK(analysis.verdict.pattern == Pattern::inconclusive);
    CHECK(analysis.verdict.units_needed > 4);
    CHECK(analysis.verdict.sentence.find(
              "translation groups of this kind would be needed (here 4)") != std::string::npos);
}

TEST_CASE("The verdict is the same for the same seed") {
    PlantedTrace plan;
    plan.pull = steps([](double d) { return d > 0.67; });
    const Verdict first = judge_plan(plan), second = judge_plan(plan);
    CHECK(first.sentence == second.sentence);
    CHECK(first.d_late.low == second.d_late.low);
}

TEST_CASE("Routing tied to the prompt's subject alone is no language routing") {
    PlantedTrace plan;
    plan.topic = 0.9;
    plan.groups = 16;
    CHECK(judge_plan(plan).pattern == Pattern::no_language_routing);
}
