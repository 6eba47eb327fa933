#include "model/sweep/sweep_plan.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"

using namespace alluvium;

TEST_CASE("No routed layer is the dense model of the other experiment") {
    const auto rows =
        plan_sweep({.last = {0, 2}, .strategies = {"dense", "hybrid-k"}, .texts = {}});
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].run.name == rows[2].run.name);
    CHECK(rows[0].run.start == SweepRun::Start::dense);
    CHECK(rows[1].run.last == 2);
    CHECK(rows[1].run.name != rows[3].run.name);
}

TEST_CASE("The texts of a run are all, one language's, or all but a domain's") {
    const auto rows = plan_sweep(
        {.last = {}, .strategies = {"hybrid-k"}, .texts = {"all", "only:fr", "without:health"}});
    REQUIRE(rows.size() == 4);
    CHECK(rows[1].run.name == rows[0].run.name);
    CHECK(rows[2].run.only_language == "fr");
    CHECK(rows[3].run.without_domain == "health");
}

TEST_CASE("Words of a sweep that mean nothing are refused") {
    CHECK_THROWS_AS(plan_sweep({}), UserError);
    CHECK_THROWS_AS(plan_sweep({.last = {-1}, .strategies = {}, .texts = {}}), UserError);
    CHECK_THROWS_AS(plan_sweep({.last = {}, .strategies = {"hybrid"}, .texts = {}}), UserError);
    CHECK_THROWS_AS(plan_sweep({.last = {}, .strategies = {}, .texts = {"only:"}}), UserError);
}
