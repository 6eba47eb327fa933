#include "app/session/selection_facts.h"

#include <cmath>

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

// Two groups and four experts, one routed layer with number 5; the shares are chosen by hand.
Analysis two_groups() {
    Analysis analysis;
    analysis.groups.resize(2);
    analysis.groups[0].label = "fr";
    analysis.groups[1].label = "ar";
    LayerAnalysis layer;
    layer.layer = 5;
    layer.experts = 4;
    layer.top_k = 2;
    layer.tokens = {100, 200};
    layer.selections = Grid<std::uint64_t>(2, 4, {80, 60, 40, 20, 100, 200, 50, 50});
    layer.share = Grid<double>(2, 4, {0.4, 0.3, 0.2, 0.1, 0.25, 0.5, 0.125, 0.125});
    layer.token_ratio = Grid<double>(2, 4, {0.8, 0.6, 0.4, 0.2, 0.5, 1.0, 0.25, 0.25});
    layer.divergence.value = 0.12;
    layer.divergence.relative = 0.2;
    analysis.layers.push_back(layer);
    return analysis;
}

const Fact* find(const SelectionFacts& facts, const std::string& name) {
    for (const Fact& fact : facts.facts) {
        if (fact.name == name) return &fact;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("A cell tells share, ratio, tokens and chance") {
    const auto facts = selection_facts(two_groups(), {.layer = 5, .expert = 1, .group = "fr"});
    CHECK(facts.title == "layer 5, expert 1, fr");
    REQUIRE(find(facts, "share of selections"));
    CHECK(find(facts, "share of selections")->number == 0.3);
    CHECK(find(facts, "token ratio")->number == 0.6);
    CHECK(find(facts, "tokens")->text == "60 of 100");
    CHECK(find(facts, "chance (share)")->number == 0.25);
    CHECK(find(facts, "chance (ratio)")->number == 0.5);
}

TEST_CASE("The groups that use an expert come largest first") {
    const auto facts = selection_facts(two_groups(), {.layer = 5, .expert = 1, .group = ""});
    REQUIRE(facts.groups.size() == 2);
    CHECK(facts.groups[0].group == "ar");
    CHECK(facts.groups[0].share == 0.5);
    CHECK(facts.groups[0].selections == 200);
    CHECK(facts.groups[1].group == "fr");
}

TEST_CASE("A missing share comes last and is said to be missing") {
    Analysis analysis = two_groups();
    analysis.layers[0].share(1, 1) = kMissing;
    const auto facts = selection_facts(analysis, {.layer = 5, .expert = 1, .group = "ar"});
    CHECK(facts.groups[0].group == "fr");
    CHECK(find(facts, "share of selections")->text == "missing");
    CHECK(facts_text(facts).find("share of selections\tmissing") != std::string::npos);
}

TEST_CASE("A layer without an expert tells its divergence") {
    const auto facts = selection_facts(two_groups(), {.layer = 5});
    CHECK(facts.title == "layer 5");
    CHECK(find(facts, "divergence")->number == 0.12);
    CHECK(facts.groups.empty());
}

TEST_CASE("A selection that this trace does not have is no selection") {
    CHECK(selection_facts(two_groups(), {.layer = 9, .expert = 1}).title.empty());
    CHECK(selection_facts(two_groups(), {.group = "zh"}).title.empty());
    CHECK(selection_facts(two_groups(), {.layer = 5, .expert = 4}).title == "layer 5");
}

TEST_CASE("Copied facts have full precision") {
    Analysis analysis = two_groups();
    analysis.layers[0].share(0, 1) = 0.1 + 0.2;
    const auto facts = selection_facts(analysis, {.layer = 5, .expert = 1, .group = "fr"});
    CHECK(facts_text(facts).find("0.30000000000000004") != std::string::npos);
}

TEST_CASE("The largest differences name expert and groups, largest first") {
    const auto differences = largest_differences(two_groups(), {}, 3);
    REQUIRE(differences.size() == 3);
    CHECK(differences[0].expert == 1);
    CHECK(differences[0].high_group == "ar");
    CHECK(differences[0].low_group == "fr");
    CHECK(std::abs(differences[0].difference - 0.2) < 1e-12);  // 0.5 - 0.3
    CHECK(differences[1].expert == 0);
}

TEST_CASE("One group differs from nobody, and a missing share is no difference") {
    CHECK(largest_differences(two_groups(), {"fr"}, 3).empty());
    Analysis analysis = two_groups();
    for (std::size_t e = 0; e < 4; ++e) analysis.layers[0].share(1, e) = kMissing;
    CHECK(largest_differences(analysis, {}, 3).empty());
}
