#include "analysis/load.h"

#include <cmath>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

using namespace alluvium;
using Catch::Matchers::WithinAbs;

TEST_CASE("Even load has no variation, no inequality and all experts effective") {
    const Load load = load_of(std::vector<double>(64, 5.0));
    CHECK(load.cv == 0);
    CHECK(load.max_vio == 0);
    CHECK_THAT(load.gini, WithinAbs(0, 1e-15));
    CHECK_THAT(load.effective_experts, WithinAbs(64, 1e-12));
    CHECK(load.dead_experts == 0);
}

TEST_CASE("A single expert doing everything is the other extreme") {
    const Load load = load_of(std::vector<double>{0, 0, 12, 0});
    CHECK_THAT(load.cv, WithinAbs(std::sqrt(3.0), 1e-15));
    CHECK(load.max_vio == 3);
    CHECK(load.gini == 0.75);
    CHECK_THAT(load.effective_experts, WithinAbs(1, 1e-15));
    CHECK(load.dead_experts == 3);
}

TEST_CASE("Load 1, 2, 3 as worked out by hand") {
    const Load load = load_of(std::vector<double>{3, 1, 2});
    // Population variance 2/3 around mean 2; absolute differences sum to 8 over 2 * 9 * 2.
    CHECK_THAT(load.cv, WithinAbs(std::sqrt(2.0 / 3) / 2, 1e-15));
    CHECK(load.max_vio == 0.5);
    CHECK_THAT(load.gini, WithinAbs(8.0 / 36, 1e-15));
    const double h = -(std::log(1.0 / 6) / 6 + std::log(1.0 / 3) / 3 + std::log(0.5) / 2);
    CHECK_THAT(load.effective_experts, WithinAbs(std::exp(h), 1e-14));
}

TEST_CASE("The load of nothing is missing and every expert is dead") {
    const Load load = load_of(std::vector<double>(3, 0.0));
    CHECK(std::isnan(load.cv));
    CHECK(std::isnan(load.effective_experts));
    CHECK(load.dead_experts == 3);
}
