#include "analysis/prompt_units.h"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "analysis/noise_floor.h"
#include "analysis/resampling.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;

namespace {

// Prompts as "language:group"; an empty group is none.
PromptUnits units_of(const std::vector<std::pair<std::string, std::string>>& prompts) {
    TraceHeader header;
    TokenSelection selection;
    for (const auto& [language, group] : prompts) {
        header.prompts.id.push_back("p" + std::to_string(header.prompts.id.size()));
        header.prompts.language.push_back(language);
        header.prompts.group.push_back(group);
        selection.prompts.push_back({1, 1, 0, 0});
    }
    return make_units(header.prompts, group_rows(header, "language"), selection);
}

const std::vector<std::pair<std::string, std::string>> kParallel = {
    {"en", "a"}, {"fr", "a"}, {"en", "b"}, {"fr", "b"}, {"en", "c"}, {"fr", "c"}};
const std::vector<std::pair<std::string, std::string>> kNested = {
    {"en", ""}, {"en", ""}, {"fr", ""}, {"fr", ""}, {"fr", ""}};

}  // namespace

TEST_CASE("Translations form one stratum of crossed units") {
    const PromptUnits units = units_of(kParallel);
    CHECK(units.size() == 3);
    CHECK(units.crossed);
    CHECK(units.stratum == std::vector<std::int32_t>{0, 0, 0});
    CHECK(units.unit_name() == "translation groups");
    CHECK(units.no_interval.empty());
    CHECK(units.no_permutation.empty());
}

TEST_CASE("Without translations every prompt is a unit within its language") {
    const PromptUnits units = units_of(kNested);
    CHECK(units.size() == 5);
    CHECK_FALSE(units.crossed);
    CHECK(units.stratum == std::vector<std::int32_t>{0, 0, 1, 1, 1});
    CHECK(units.unit_name() == "prompts");
}

TEST_CASE("What cannot be left out has no interval, and says whose fault it is") {
    CHECK_THAT(units_of({{"en", "a"}, {"fr", "a"}, {"en", "b"}}).no_interval,
               ContainsSubstring("'fr'"));
    CHECK_THAT(units_of({{"en", ""}, {"fr", ""}, {"fr", ""}}).no_interval,
               ContainsSubstring("'en'"));
    CHECK_THAT(units_of({{"en", ""}, {"en", ""}}).no_interval, ContainsSubstring("single group"));
}

TEST_CASE("Labels that permuting cannot change have no null") {
    CHECK_FALSE(units_of({{"en", ""}, {"fr", ""}}).no_permutation.empty());
    CHECK_FALSE(units_of({{"en", "a"}, {"fr", "a"}}).no_permutation.empty());
    CHECK_FALSE(units_of({{"en", "a"}, {"en", "b"}}).no_permutation.empty());
    CHECK(units_of({{"en", ""}, {"fr", ""}, {"fr", ""}}).no_permutation.empty());
}

TEST_CASE("Labels are permuted inside translation groups only") {
    const PromptUnits units = units_of(kParallel);
    const Grid<std::int32_t> draws = permuted_labels(units, 100, 1);
    std::set<std::vector<std::int32_t>> seen;
    for (std::size_t b = 0; b < draws.rows(); ++b) {
        const auto row = draws.row(b);
        for (std::size_t g = 0; g < 3; ++g) CHECK(row[2 * g] + row[2 * g + 1] == 1);
        seen.emplace(row.begin(), row.end());
    }
    CHECK(seen.size() == 8);  // 2^3 relabellings
}

TEST_CASE("Labels of whole units are exchanged where none mixes labels") {
    const PromptUnits units = units_of(kNested);
    const Grid<std::int32_t> draws = permuted_labels(units, 200, 1);
    std::set<std::vector<std::int32_t>> seen;
    for (std::size_t b = 0; b < draws.rows(); ++b) {
        const auto row = draws.row(b);
        CHECK(std::count(row.begin(), row.end(), 0) == 2);
        seen.emplace(row.begin(), row.end());
    }
    CHECK(seen.size() == 10);  // 5 over 2
}

TEST_CASE("A bootstrap sample holds as many units as the data, from every stratum") {
    const PromptUnits units = units_of(kNested);
    const Grid<std::uint16_t> draws = bootstrap_weights(units, 50, 1);
    for (std::size_t b = 0; b < draws.rows(); ++b) {
        CHECK(draws(b, 0) + draws(b, 1) == 2);
        CHECK(draws(b, 2) + draws(b, 3) + draws(b, 4) == 3);
    }
    const PromptUnits parallel = units_of(kParallel);
    const Grid<std::uint16_t> pairs = bootstrap_weights(parallel, 50, 1);
    for (std::size_t b = 0; b < pairs.rows(); ++b) CHECK(pairs(b, 2) == pairs(b, 3));
}

TEST_CASE("The noise floor needs two prompts for each pseudo-group") {
    CHECK_THAT(deal_noise_splits(units_of(kNested), 20, 1).missing,
               ContainsSubstring("at least 4"));
    auto prompts = kNested;
    prompts.emplace_back("fr", "");
    const NoiseSplits splits = deal_noise_splits(units_of(prompts), 20, 1);
    CHECK(splits.missing.empty());
    CHECK(splits.splits.size() == 20);  // French alone has enough
    for (const NoiseSplit& split : splits.splits) {
        CHECK(std::count(split.pseudo_group.begin(), split.pseudo_group.end(), 0) == 2);
    }
}
