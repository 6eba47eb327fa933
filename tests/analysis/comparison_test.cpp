// Two traces of the same tokens.
#include "analysis/comparison.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "analysis/analyze.h"
#include "analysis/comparison_json.h"
#include "analysis/matching.h"
#include "base/error.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace {

PlantedTrace plan_of(double pull, std::uint64_t seed = 1) {
    PlantedTrace plan;
    plan.layers = 3;
    plan.groups = 10;
    plan.pull = [pull](double) { return pull; };
    plan.seed = seed;
    return plan;
}

Comparison compare(const TraceData& a, const TraceData& b, const TraceData* floor = nullptr) {
    Progress progress;
    const TracePtr second = floor == nullptr ? nullptr : make_trace(*floor);
    return compare_traces(*make_trace(a), *make_trace(b), second.get(), {}, progress);
}

// B with another set at row `row` of layer 0: its k-th expert is replaced.
void flip(TraceData& data, std::size_t row) {
    const auto chosen = data.layers[0].experts.row(row);
    ExpertId other = 0;
    while (std::find(chosen.begin(), chosen.end(), other) != chosen.end()) ++other;
    chosen.back() = other;
}

}  // namespace

TEST_CASE("A trace agrees with itself in every way") {
    const TraceData data = planted_data(plan_of(0.3));
    const Comparison c = compare(data, data);
    for (const LayerComparison& l : c.layers) {
        CHECK(l.tokens == 800);
        CHECK(l.overlap == 1);
        CHECK(l.exact == 1);
        CHECK(l.top1 == 1);
        CHECK_THAT(l.weight_l1, WithinAbs(0, 1e-12));
        CHECK(l.flips == 0);
        CHECK(l.chance == 0.25);
        CHECK_THAT(l.difference.value, WithinAbs(0, 1e-12));
        CHECK(l.difference.has_interval());
    }
}

TEST_CASE("Agreement is counted as by hand") {
    TraceData a = planted_data(plan_of(0.0));
    TraceData b = a;
    for (std::size_t row = 0; row < 8; ++row)
        flip(b, row);  // one of two experts, all weights 2 : 1
    std::swap(b.layers[0].experts(9, 0),
              b.layers[0].experts(9, 1));  // the same set in another order
    const LayerComparison l = compare(a, b).layers[0];
    CHECK(l.flips == 8);
    CHECK_THAT(l.exact, WithinAbs(1 - 8.0 / 800, 1e-12));
    CHECK_THAT(l.overlap, WithinAbs(1 - 4.0 / 800, 1e-12));
    CHECK_THAT(l.top1, WithinAbs(1 - 1.0 / 800, 1e-12));
    // A flipped token moves the second weight, 1/3, from one expert to another; the swapped one
    // gives 1/3 more to one and less to the other.
    CHECK_THAT(l.weight_l1, WithinAbs((8 + 1) * (2.0 / 3) / 800, 1e-9));
}

TEST_CASE("Flips beyond what a second run changes are told from those within") {
    TraceData a = planted_data(plan_of(0.0));
    for (LayerData& layer : a.layers) layer.margin.assign(a.tokens.size(), 0.5f);
    TraceData b = a, second = a;
    for (std::size_t row = 0; row < 10; ++row) {
        a.layers[0].margin[row] = 0.01f;
        flip(second, row);  // the second run changes only close calls
    }
    for (std::size_t row = 5; row < 25; ++row)
        flip(b, row);  // five close calls, fifteen clear ones
    const Comparison c = compare(a, b, &second);
    CHECK_THAT(c.layers[0].floor_margin, WithinAbs(0.01, 0.0002));
    CHECK(c.layers[0].flips == 20);
    CHECK(c.layers[0].flips_above_floor == 15);
    CHECK(c.layers[1].flips == 0);
    CHECK(compare(a, b).missing.contains("flips_above_floor"));
}

TEST_CASE("The difference of divergence has the sign and the size of what was planted") {
    const TraceData a = planted_data(plan_of(0.1)), b = planted_data(plan_of(0.6, 2));
    const Comparison c = compare(a, b);
    AnalysisOptions options;
    options.controls = ControlOptions::none();
    Progress progress;
    const Analysis of_a = analyze(*make_trace(a), options, progress);
    const Analysis of_b = analyze(*make_trace(b), options, progress);
    for (std::size_t l = 0; l < 3; ++l) {
        const double expected =
            of_b.layers[l].divergence.corrected - of_a.layers[l].divergence.corrected;
        CHECK_THAT(c.layers[l].difference.value, WithinAbs(expected, 1e-12));
        CHECK(c.layers[l].difference.low > 0);
    }
}

TEST_CASE("Renamed experts are found by their use, and shuffled tokens match by chance alone") {
    const TraceData a = planted_data(plan_of(0.5));
    TraceData b = a;
    for (LayerData& layer : b.layers) {
        for (ExpertId& e : layer.experts.values()) e = static_cast<ExpertId>((e * 5u + 3u) % 8);
    }
    const Comparison c = compare(a, b);
    CHECK_FALSE(c.same_lineage);
    CHECK_THAT(c.sentence, ContainsSubstring("matched by use"));
    for (const LayerComparison& l : c.layers) {
        for (std::uint32_t e = 0; e < 8; ++e) CHECK(l.matching.partner[e] == (e * 5u + 3u) % 8);
        CHECK_THAT(l.matching.overlap, WithinAbs(1, 1e-12));
        CHECK(l.matching.shuffled < 0.6);
        CHECK(l.overlap < 0.6);
    }
}

TEST_CASE("The best assignment is the best of all permutations") {
    std::mt19937 random(3);
    for (int trial = 0; trial < 20; ++trial) {
        Grid<double> gain(6, 6);
        for (double& g : gain.values()) g = static_cast<double>(random() % 50);
        const auto total = [&](const std::vector<std::uint32_t>& partner) {
            double sum = 0;
            for (std::size_t r = 0; r < 6; ++r) sum += gain(r, partner[r]);
            return sum;
        };
        std::vector<std::uint32_t> order(6);
        std::iota(order.begin(), order.end(), 0u);
        double best = 0;
        do best = std::max(best, total(order));
        while (std::next_permutation(order.begin(), order.end()));
        CHECK(total(best_assignment(gain)) == best);
    }
}

TEST_CASE("What changed most is listed first") {
    const TraceData a = planted_data(plan_of(0.0));
    TraceData b = a;
    for (std::size_t row = 60; row < 80; ++row) flip(b, row);  // prompt 3
    for (std::size_t l = 0; l < 3; ++l) {
        for (std::size_t r = 0; r < 2; ++r) {
            b.layers[l].experts(205, r) =
                static_cast<ExpertId>((a.layers[l].experts(205, 0) + 1 + r) % 8);
        }
        // Nothing in common: both differ from both of A's.
        while (b.layers[l].experts(205, 0) == a.layers[l].experts(205, 1) ||
               b.layers[l].experts(205, 1) == a.layers[l].experts(205, 1)) {
            for (std::size_t r = 0; r < 2; ++r) {
                b.layers[l].experts(205, r) =
                    static_cast<ExpertId>((b.layers[l].experts(205, r) + 1) % 8);
                if (b.layers[l].experts(205, r) == a.layers[l].experts(205, 0)) {
                    b.layers[l].experts(205, r) =
                        static_cast<ExpertId>((b.layers[l].experts(205, r) + 1) % 8);
                }
            }
        }
    }
    const Comparison c = compare(a, b);
    CHECK(c.prompts.front().id == "p3");
    CHECK_THAT(c.prompts.front().overlap, WithinAbs(1 - 0.5 / 3, 1e-12));
    CHECK(c.prompts.size() == 20);
    CHECK(c.changed_tokens.front().row == 205);
    CHECK(c.changed_tokens.front().position == 5);
    CHECK(c.changed_tokens.size() == 20);
}

TEST_CASE("Unequal tokens are refused with the first that differs") {
    const TraceData a = planted_data(plan_of(0.0));
    TraceData b = a;
    b.tokens.id[27] = 9;
    CHECK_THROWS_MATCHES(compare(a, b), UserError,
                         MessageMatches(ContainsSubstring("row 27 is token 0 of prompt 1")));
    PlantedTrace shorter = plan_of(0.0);
    shorter.groups = 9;
    CHECK_THROWS_MATCHES(compare(a, planted_data(shorter)), UserError,
                         MessageMatches(ContainsSubstring("has 800")));
    PlantedTrace wider = plan_of(0.0);
    wider.experts = 9;
    CHECK_THROWS_MATCHES(compare(a, planted_data(wider)), UserError,
                         MessageMatches(ContainsSubstring("9 experts")));
}

TEST_CASE("The JSON has every documented field, and no null without a reason") {
    const TraceData data = planted_data(plan_of(0.2));
    const Json json = comparison_json(compare(data, data));
    for (const char* field : {"a", "b", "tokens", "layers", "groups", "matching", "missing"}) {
        INFO(field);
        CHECK(json.contains(field));
    }
    for (const char* field :
         {"layer", "exact", "overlap", "top1", "weight_l1", "flips", "chance"}) {
        INFO(field);
        CHECK(json["layers"][0][field].is_number());
    }
    CHECK(json["layers"][0]["flips_above_floor"].is_null());
    CHECK(json["missing"]["flips_above_floor"].get<std::string>().find("--floor") !=
          std::string::npos);
    CHECK(json["groups"]["l1"]["overlap"] == 1);
}
