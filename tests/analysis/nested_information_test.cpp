// What is left of language routing between equal tokens.
#include "analysis/nested_information.h"

#include <cmath>
#include <map>
#include <numbers>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "analysis/analyze.h"
#include "tests/support/confounded_trace.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Matchers::WithinAbs;

namespace {

// Tokens of equal prompts, one block per prompt and key.
struct TokenSample {
    std::vector<std::uint64_t> key;
    std::vector<std::uint32_t> prompt, bundle;
    std::vector<std::int32_t> label;
    std::size_t groups = 2;

    void add(std::uint64_t k, std::uint32_t p, std::int32_t g) {
        key.push_back(k);
        prompt.push_back(p);
        bundle.push_back(p % 3);
        label.push_back(g);
    }
    Strata strata(Strata::Support support = {}) const {
        return Strata({key, prompt, label, bundle, groups}, support);
    }
};

// From the definition, cell by cell.
double slow_information(const TokenSample& sample, const Grid<ExpertId>& chosen) {
    std::map<std::uint64_t, double> s_sum;
    std::map<std::pair<std::uint64_t, std::int32_t>, double> sg_sum;
    std::map<std::pair<std::uint64_t, int>, double> se_sum;
    std::map<std::tuple<std::uint64_t, std::int32_t, int>, double> joint;
    for (std::size_t t = 0; t < sample.key.size(); ++t) {
        const auto s = sample.key[t];
        const auto g = sample.label[t];
        for (const ExpertId e : chosen.row(t)) {
            const double p = 1 / static_cast<double>(sample.key.size() * chosen.cols());
            s_sum[s] += p;
            sg_sum[{s, g}] += p;
            se_sum[{s, e}] += p;
            joint[{s, g, e}] += p;
        }
    }
    double total = 0;
    for (const auto& [at, p] : joint) {
        const auto& [s, g, e] = at;
        total += p * std::log(p * s_sum[s] / (sg_sum[{s, g}] * se_sum[{s, e}]));
    }
    return total;
}

Analysis analyse(const ConfoundedTrace& plan) {
    AnalysisOptions options;
    options.seed = plan.seed;
    options.permutations = 40;
    options.bootstraps = 0;
    options.noise_splits = 0;
    options.controls.robustness = false;
    Progress progress;
    return analyze(*confounded_trace(plan), options, progress);
}

}  // namespace

TEST_CASE("Groups that never share an expert are told apart by log 2, in every stratum") {
    TokenSample sample;
    Grid<ExpertId> chosen(8, 1);
    for (std::uint32_t t = 0; t < 8; ++t) {
        sample.add(t % 2, t / 2, static_cast<std::int32_t>(t / 4));
        chosen(t, 0) = static_cast<ExpertId>(t / 4);
    }
    Strata strata = sample.strata();
    strata.start_layer(chosen, 2);
    CHECK_THAT(strata.observed(), WithinAbs(std::numbers::ln2, 1e-12));
}

TEST_CASE("Experts that follow the stratum alone say nothing about the group inside it") {
    TokenSample sample;
    Grid<ExpertId> chosen(12, 1);
    // Group 0 has 4 tokens of key 0 and 2 of key 1; group 1 the other way round.
    for (std::uint32_t t = 0; t < 12; ++t) {
        const auto group = static_cast<std::int32_t>(t / 6);
        const std::uint64_t key = (t % 6 < 4) == (group == 0) ? 0 : 1;
        sample.add(key, t / 3, group);
        chosen(t, 0) = static_cast<ExpertId>(key);
    }
    Strata strata = sample.strata();
    strata.start_layer(chosen, 2);
    CHECK_THAT(strata.observed(), WithinAbs(0.0, 1e-12));
    // In one stratum the same choices tell the groups apart: shares 2/3 and 1/3 against 1/3, 2/3.
    std::fill(sample.key.begin(), sample.key.end(), 0u);
    Strata whole = sample.strata();
    whole.start_layer(chosen, 2);
    const double h = -(2.0 / 3) * std::log(2.0 / 3) - (1.0 / 3) * std::log(1.0 / 3);
    CHECK_THAT(whole.observed(), WithinAbs(std::numbers::ln2 - h, 1e-12));
}

TEST_CASE("Information within strata agrees with the definition on random tokens") {
    std::mt19937 random(7);
    TokenSample sample;
    sample.groups = 3;
    const std::size_t tokens = 400;
    Grid<ExpertId> chosen(tokens, 2);
    for (std::size_t t = 0; t < tokens; ++t) {
        const auto prompt = static_cast<std::uint32_t>(random() % 17);
        sample.add(random() % 9, prompt, static_cast<std::int32_t>(prompt % 3));
        chosen(t, 0) = static_cast<ExpertId>(random() % 6);
        chosen(t, 1) = static_cast<ExpertId>((chosen(t, 0) + 1 + random() % 5) % 6);
    }
    Strata strata = sample.strata();
    strata.start_layer(chosen, 6);
    CHECK_THAT(strata.observed(), WithinAbs(slow_information(sample, chosen), 1e-12));

    // Without a bundle of prompts: the same as if its tokens had never been there.
    TokenSample rest;
    rest.groups = 3;
    std::vector<ExpertId> kept;
    for (std::size_t t = 0; t < tokens; ++t) {
        if (sample.bundle[t] == 1) continue;
        rest.add(sample.key[t], sample.prompt[t], sample.label[t]);
        kept.insert(kept.end(), chosen.row(t).begin(), chosen.row(t).end());
    }
    const std::size_t left = rest.key.size();
    CHECK_THAT(strata.without_bundle(1),
               WithinAbs(slow_information(rest, Grid<ExpertId>(left, 2, kept)), 1e-12));
}

TEST_CASE("Strata with one group or too few tokens are not compared") {
    TokenSample sample;
    for (std::uint32_t t = 0; t < 30; ++t) sample.add(1, t % 6, static_cast<std::int32_t>(t % 2));
    for (std::uint32_t t = 0; t < 30; ++t) sample.add(2, 0, 0);  // of one group
    for (std::uint32_t t = 0; t < 10; ++t) sample.add(3, t % 2, static_cast<std::int32_t>(t % 2));
    CHECK(sample.strata({.groups = 2, .tokens = 20}).tokens() == 30);
    CHECK(sample.strata().tokens() == 70);
}

TEST_CASE("Permuting deals the labels of a stratum among its own blocks") {
    TokenSample sample;
    Grid<ExpertId> chosen(6, 1);
    // Key 0: a block of each group, key 1: two blocks of group 0.
    const std::array<std::uint32_t, 6> prompts = {0, 0, 1, 1, 0, 2};
    const std::array<std::uint64_t, 6> keys = {0, 0, 0, 0, 1, 1};
    for (std::size_t t = 0; t < 6; ++t) {
        sample.add(keys[t], prompts[t], prompts[t] == 1 ? 1 : 0);
        chosen(t, 0) = static_cast<ExpertId>(prompts[t] == 1);
    }
    Strata strata = sample.strata();
    strata.permute(Grid<std::uint32_t>(2, 3, {0, 1, 2, 1, 0, 2}));
    strata.start_layer(chosen, 2);
    CHECK_THAT(strata.permuted(0), WithinAbs(strata.observed(), 1e-12));  // the labels as they are
    // Swapped: still one expert per group in key 0, so as much information there.
    CHECK(strata.permuted(1) > 0);
}

TEST_CASE("Language routing is found between equal tokens, and its depth") {
    ConfoundedTrace plan;
    plan.confound = Confound::class_mix;
    plan.pull = [](double d) { return d > 0.67 ? 0.6 : 0.1; };
    const Analysis analysis = analyse(plan);
    const Remainder& remainder = analysis.verdict.remainder.value();
    // Commas, digits and names are what languages share: 0.54 and 0.70 of their tokens. More cannot
    // be compared; with less than 0.2 nothing would be said.
    CHECK(remainder.support < 0.63);
    CHECK(remainder.support > 0.2);
    CHECK(to_string(remainder.pattern) == "spread_out_in_the_end");
    const Information& last = analysis.layers.back().information;
    CHECK(last.r3.low > 0);
    CHECK(last.r3.value > analysis.layers.front().information.r3.value);
}

TEST_CASE("What class, place and id explain is not called language routing") {
    // Sixteen traces, four of each kind: benchmarks count 200 of each (docs/metrics.md).
    int wrong = 0;
    for (const Confound confound :
         {Confound::class_mix, Confound::fertility, Confound::digits, Confound::huge_prompt}) {
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            ConfoundedTrace plan;
            plan.confound = confound;
            plan.layers = 12;
            plan.seed = seed;
            const Pattern pattern = analyse(plan).verdict.remainder.value().pattern;
            wrong += pattern != Pattern::no_language_routing && is_conclusive(pattern);
        }
    }
    CHECK(wrong <= 1);
}

TEST_CASE("Class takes away what class explains") {
    ConfoundedTrace plan;
    plan.confound = Confound::class_mix;
    const Analysis analysis = analyse(plan);
    const Information& last = analysis.layers.back().information;
    CHECK(last.r0 > 0.001);  // of 1: languages differ in nothing but their mix of classes
    CHECK(last.r1 < 0.6 * last.r0);
    CHECK(std::abs(last.r3.value) < 0.25 * last.r0);
}

TEST_CASE("Without equal tokens in two groups the rest is unsupported") {
    ConfoundedTrace plan;
    const TracePtr shared = confounded_trace(plan);
    AnalysisOptions options;
    options.controls.robustness = false;
    options.permutations = 20;
    options.bootstraps = 0;
    options.noise_splits = 0;
    options.controls.information_tokens = 60;  // one translation group: too few tokens per stratum
    Progress progress;
    const Analysis analysis = analyze(*shared, options, progress);
    CHECK(analysis.verdict.remainder.value().pattern == Pattern::unsupported);
    CHECK(analysis.verdict.sentence.find("cannot be said") != std::string::npos);
    CHECK(!analysis.warnings.empty());
}
