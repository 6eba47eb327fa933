#include <cmath>
#include <set>

#include <catch2/catch_approx.hpp>

#include "base/error.h"
#include "model/intervene/control_spread.h"
#include "model/intervene/controls.h"
#include "model/intervene/necessity.h"
#include "model/intervene/paired_bootstrap.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

std::vector<std::uint64_t> rising_load(LayerId) {
    std::vector<std::uint64_t> load;
    for (std::uint64_t e = 0; e < 64; ++e) load.push_back(10 * e);
    return load;
}

// Of a single intervention.
std::vector<std::vector<ExpertTarget>> controls_of(const std::vector<ExpertTarget>& targets,
                                                   const LoadOfLayer& load, std::size_t wanted,
                                                   std::uint64_t seed) {
    std::vector<std::vector<ExpertTarget>> sets;
    for (const TargetLists& lists : matched_controls({targets}, load, wanted, seed)) {
        REQUIRE(lists.size() == 1);
        sets.push_back(lists[0]);
    }
    return sets;
}

Effect effect(double value, double low, double high, std::size_t at_least) {
    Effect e;
    e.estimate = {value, low, high};
    e.spread = {.n = 10, .at_least = at_least};
    return e;
}

}  // namespace

TEST_CASE("Controls are other experts of the same layer with a similar load") {
    const std::vector<ExpertTarget> target = {{5, 30}};
    const auto controls = controls_of(target, rising_load, 10, 1);
    REQUIRE(controls.size() == 10);
    std::set<int> seen;
    for (const auto& control : controls) {
        REQUIRE(control.size() == 1);
        CHECK(control[0].layer == 5);
        CHECK(control[0].expert != 30);
        CHECK(std::abs(control[0].expert - 30) <= 10);  // the 20 nearest loads
        seen.insert(control[0].expert);
    }
    CHECK(seen.size() == 10);
    const bool other_seed_same = controls_of(target, rising_load, 10, 2) == controls;
    const bool same_seed_same = controls_of(target, rising_load, 10, 1) == controls;
    CHECK_FALSE(other_seed_same);
    CHECK(same_seed_same);
}

TEST_CASE("A small layer gives all its other experts as controls") {
    const auto load = [](LayerId) { return std::vector<std::uint64_t>{9, 1, 5, 7}; };
    const std::vector<ExpertTarget> one = {{0, 2}};
    const auto controls = controls_of(one, load, 10, 3);
    std::set<int> experts;
    for (const auto& control : controls) experts.insert(control.at(0).expert);
    CHECK(experts == std::set<int>{0, 1, 3});
    // Two of four in one layer: the other two are the only control.
    const std::vector<ExpertTarget> two = {{0, 1}, {0, 2}};
    const auto pairs = controls_of(two, load, 10, 3);
    REQUIRE(pairs.size() == 1);
    CHECK(targets_word(pairs[0]) == "0:0,0:3");
    const std::vector<ExpertTarget> three = {{0, 1}, {0, 2}, {0, 3}};
    CHECK(controls_of(three, load, 10, 3).empty());
}

TEST_CASE("Sets of controls over layers differ from each other") {
    const std::vector<ExpertTarget> targets = {{1, 3}, {1, 40}, {2, 40}};
    const auto controls = controls_of(targets, rising_load, 12, 1);
    REQUIRE(controls.size() == 12);
    CHECK(std::set(controls.begin(), controls.end()).size() == 12);
    for (const auto& control : controls) {
        CHECK(std::set(control.begin(), control.end()).size() == 3);
        CHECK(std::ranges::count(control, LayerId{1}, &ExpertTarget::layer) == 2);
    }
}

TEST_CASE("A control of several changes replaces every target, and the same one alike") {
    // 1:3 is named twice; 1:40 and 2:40 once.
    const TargetLists lists = {{{1, 3}, {2, 40}}, {{1, 3}}, {{1, 40}}};
    const auto controls = matched_controls(lists, rising_load, 12, 1);
    REQUIRE(controls.size() == 12);
    for (const TargetLists& control : controls) {
        REQUIRE(control.size() == 3);
        CHECK((control[0][0] == control[1][0]));
        CHECK((control[0][0] != control[2][0]));
        CHECK(control[0][0].layer == 1);
        CHECK(control[0][1].layer == 2);
        CHECK(std::abs(control[1][0].expert - 3) <= 24);  // the 24 nearest loads, 0 to 27
        CHECK(std::abs(control[2][0].expert - 40) <= 24);
        for (const int target : {3, 40}) {
            CHECK(control[1][0].expert != target);
            CHECK(control[2][0].expert != target);
        }
        CHECK(control[0][1].expert != 40);
    }
    CHECK(std::set(controls.begin(), controls.end()).size() == 12);
    CHECK(matched_controls({}, rising_load, 12, 1).empty());
}

TEST_CASE("An effect's place among its controls counts ties against it") {
    const std::vector<double> controls = {1.0, 2.0, 3.0, 6.0};
    const ControlSpread spread = spread_of(3.0, controls);
    CHECK(spread.mean == 3.0);
    CHECK(spread.sd == Catch::Approx(std::sqrt(14.0 / 3.0)));
    CHECK(spread.low == 1.0);
    CHECK(spread.high == 6.0);
    CHECK(spread.at_least == 2);
    CHECK(spread.p == 0.6);
    CHECK(std::isnan(spread_of(1.0, {}).mean));
    CHECK(std::isnan(spread_of(1.0, std::vector<double>{1.0}).sd));
}

TEST_CASE("Translations are drawn together, so that a constant difference has no spread") {
    std::vector<ObservationKey> paired, apart;
    std::vector<RatioUnit> values;
    for (std::size_t unit = 0; unit < 12; ++unit) {
        for (const std::size_t language : {0U, 1U}) {
            paired.push_back({language, "g" + std::to_string(unit)});
            apart.push_back({language, ""});
            // Both languages have the unit's own effect, language 1 half a nat more.
            const double own = static_cast<double>(unit * unit % 7);
            values.push_back({4 * (own + 0.5 * static_cast<double>(language)), 4});
        }
    }
    const BootstrapOptions options{.resamples = 500, .seed = 3};
    const Estimate together = PairedBootstrap(paired, options).difference(values, 1, 0);
    CHECK(together.value == Catch::Approx(0.5));
    CHECK(together.low == Catch::Approx(0.5));
    CHECK(together.high == Catch::Approx(0.5));
    const Estimate alone = PairedBootstrap(apart, options).difference(values, 1, 0);
    CHECK(alone.high - alone.low > 1);
    const Estimate mean = PairedBootstrap(paired, options).ratio(values, 0);
    CHECK(mean.low < mean.value);
    CHECK(mean.value < mean.high);
}

TEST_CASE("The interval of independent prompts has the width of their standard error") {
    std::vector<ObservationKey> keys;
    std::vector<RatioUnit> values;
    for (std::size_t i = 0; i < 400; ++i) {
        keys.push_back({0, ""});
        values.push_back({i % 2 == 0 ? 1.0 : -1.0, 1});
    }
    const Estimate e = PairedBootstrap(keys, {.resamples = 4000, .seed = 1}).ratio(values, 0);
    // 2 * 1.96 / sqrt(400); percentiles of 4,000 draws are right to about 3 %.
    CHECK(e.high - e.low == Catch::Approx(0.196).epsilon(0.08));
}

TEST_CASE("A language with one unit has no interval") {
    const std::vector<ObservationKey> keys = {{0, "g"}, {1, "g"}};
    const std::vector<RatioUnit> values = {{2, 4}, {3, 4}};
    const PairedBootstrap bootstrap(keys, {});
    CHECK(bootstrap.ratio(values, 0).value == 0.5);
    CHECK(std::isnan(bootstrap.ratio(values, 0).low));
    CHECK(std::isnan(bootstrap.difference(values, 0, 1).high));
}

TEST_CASE("An expert is needed where its loss is above zero and above every control's") {
    CHECK(need_of(effect(0.2, 0.1, 0.3, 0), 0.01) == Need::needed);
    CHECK(need_of(effect(0.2, 0.1, 0.3, 1), 0.01) == Need::undecided);
    CHECK(need_of(effect(0.2, -0.1, 0.3, 0), 0.01) == Need::undecided);
    CHECK(need_of(effect(0.002, 0.001, 0.005, 0), 0.01) == Need::not_needed);
    const double none = std::nan("");
    CHECK(need_of(effect(0.2, none, none, 0), 0.01) == Need::undecided);
}

TEST_CASE("Needed by one language and not by another is said in one sentence") {
    InterventionResult result;
    result.variants = {{{.op = Operator::drop, .targets = {{7, 4}}}}};
    result.languages.resize(2);
    result.languages[0].language = "ar";
    result.languages[0].nll_change = effect(0.001, -0.002, 0.004, 5);
    result.languages[1].language = "fr";
    result.languages[1].nll_change = effect(0.2, 0.1, 0.3, 0);
    result.differences = {{{}, {-0.199, -0.3, -0.1}}, {{0.199, 0.1, 0.3}, {}}};
    const auto answers = necessity(result, {.by = "fr"});
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].exclusive);
    CHECK(answers[0].sentence.starts_with("7:4 (drop): needed by fr and not by ar."));
    const auto other = necessity(result, {.by = "ar", .not_by = {"fr"}});
    CHECK_FALSE(other[0].exclusive);
    CHECK(other[0].sentence.starts_with("7:4 (drop): not needed by ar."));
    CHECK_THROWS_AS(necessity(result, {.by = "xx"}), UserError);
    result.variants[0].push_back({.op = Operator::force, .targets = {{6, 2}}});
    CHECK(necessity(result, {.by = "fr"})[0].sentence.starts_with("drop 7:4 + force 6:2: needed"));
}
