#include "analysis/mutual_information.h"

#include <cmath>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

using namespace alluvium;
using Catch::Matchers::WithinAbs;

TEST_CASE("An expert that names its group carries the group's whole entropy") {
    // Top 1: group sizes 3 and 1.
    const Grid<double> sums(2, 2, std::vector<double>{3, 0, 0, 1});
    const MutualInformation mi = mutual_information(sums, 1, 4);
    const double h = -(0.75 * std::log(0.75) + 0.25 * std::log(0.25));
    CHECK_THAT(mi.raw, WithinAbs(h, 1e-15));
    // (G - 1)(E - k) / (2 N k) = 1 * 1 / 8.
    CHECK_THAT(mi.value, WithinAbs(h - 0.125, 1e-15));
    CHECK_THAT(mi.nmi, WithinAbs((h - 0.125) / h, 1e-15));
}

TEST_CASE("Experts and groups that never occur do not count for the correction") {
    const Grid<double> sums(3, 3, std::vector<double>{3, 0, 0, 0, 0, 0, 0, 1, 0});
    CHECK_THAT(
        mutual_information(sums, 1, 4).value,
        WithinAbs(
            mutual_information(Grid<double>(2, 2, std::vector<double>{3, 0, 0, 1}), 1, 4).value,
            1e-15));
}

TEST_CASE("One group leaves mutual information missing") {
    const MutualInformation mi =
        mutual_information(Grid<double>(2, 2, std::vector<double>{3, 1, 0, 0}), 1, 4);
    CHECK(std::isnan(mi.value));
    CHECK(std::isnan(mi.nmi));
}

TEST_CASE("The correction takes out the bias of routing that ignores the group") {
    // 3 groups of 40 tokens, each choosing 2 of 6 experts blindly.
    std::mt19937_64 random(5);
    double raw = 0, corrected = 0;
    constexpr int repeats = 400;
    for (int i = 0; i < repeats; ++i) {
        Grid<double> sums(3, 6);
        for (int t = 0; t < 120; ++t) {
            const auto first = random() % 6;
            const auto second = (first + 1 + random() % 5) % 6;
            sums(static_cast<std::size_t>(t) / 40, first) += 1;
            sums(static_cast<std::size_t>(t) / 40, second) += 1;
        }
        const MutualInformation mi = mutual_information(sums, 2, 120);
        raw += mi.raw / repeats;
        corrected += mi.value / repeats;
    }
    CHECK(raw > 0.013);
    // Standard error of the mean about 0.0004.
    CHECK_THAT(corrected, WithinAbs(0, 0.0016));
}
