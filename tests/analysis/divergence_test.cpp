#include "analysis/divergence.h"

#include <cmath>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "analysis/pairwise_divergence.h"
#include "analysis/share.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;

namespace {

constexpr double kRounding = 1e-14;

Grid<double> random_sums(std::size_t groups, std::size_t experts, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Grid<double> sums(groups, experts);
    for (double& n : sums.values()) n = static_cast<double>(random() % 20);
    return sums;
}

}  // namespace

TEST_CASE("Groups with equal shares diverge by 0, whatever their sizes") {
    const Grid<double> sums(3, 2, std::vector<double>{1, 3, 10, 30, 2, 6});
    CHECK_THAT(divergence(sums), WithinAbs(0, kRounding));
}

TEST_CASE("Groups with no expert in common diverge by 1") {
    const Grid<double> sums(3, 3, std::vector<double>{4, 0, 0, 0, 9, 0, 0, 0, 1});
    CHECK_THAT(divergence(sums), WithinAbs(1, kRounding));
}

TEST_CASE("Divergence of (1, 0) and (1/2, 1/2) as worked out by hand") {
    // H(3/4, 1/4) - (0 + log 2) / 2, over log 2.
    const double expected = (-0.75 * std::log(0.75) - 0.25 * std::log(0.25)) / std::log(2.0) - 0.5;
    CHECK_THAT(divergence(Grid<double>(2, 2, std::vector<double>{7, 0, 3, 3})),
               WithinAbs(expected, kRounding));
}

TEST_CASE("Groups without selections are left out of the mean and of the number of groups") {
    const Grid<double> three(3, 2, std::vector<double>{7, 0, 0, 0, 3, 3});
    const Grid<double> two(2, 2, std::vector<double>{7, 0, 3, 3});
    CHECK(divergence(three) == divergence(two));
    CHECK(groups_with_selections(three) == 2);
    CHECK(std::isnan(divergence(Grid<double>(2, 2, std::vector<double>{7, 0, 0, 0}))));
}

TEST_CASE("The ceiling is what the design document quotes") {
    // 12 experts, top 2, 12 languages: 0.72; Mixtral (8 experts, top 2) with 50 languages: 0.35.
    CHECK_THAT(divergence_ceiling(12, 2, 12), WithinAbs(0.72, 0.005));
    CHECK_THAT(divergence_ceiling(8, 2, 50), WithinAbs(0.35, 0.005));
    CHECK(divergence_ceiling(128, 8, 3) == 1);
    CHECK(divergence_ceiling(4, 4, 3) == 0);
    CHECK(std::isnan(divergence_ceiling(12, 2, 1)));
}

TEST_CASE("Each group keeping k experts of its own reaches the ceiling") {
    const Grid<double> own(3, 6,
                           std::vector<double>{5, 5, 0, 0, 0, 0,  //
                                               0, 0, 8, 8, 0, 0,  //
                                               0, 0, 0, 0, 1, 1});
    CHECK_THAT(divergence(own), WithinAbs(divergence_ceiling(6, 2, 3), kRounding));
}

TEST_CASE("Divergence stays within 0 and 1 and ignores the experts' numbers") {
    const auto seed = GENERATE(range(1u, 20u));
    const Grid<double> sums = random_sums(4, 9, seed);
    const double value = divergence(sums);
    CHECK(value >= 0);
    CHECK(value <= 1);
    Grid<double> relabelled(4, 9);
    for (std::size_t g = 0; g < 4; ++g) {
        for (std::size_t e = 0; e < 9; ++e) relabelled(g, (e * 4 + 2) % 9) = sums(g, e);
    }
    CHECK_THAT(divergence(relabelled), WithinAbs(value, kRounding));
}

TEST_CASE("Leaving one contribution out equals computing divergence afresh") {
    const auto seed = GENERATE(range(1u, 10u));
    const Grid<double> sums = random_sums(3, 7, seed);
    const LeaveOneOut leave_out(sums);
    for (std::size_t g = 0; g < 3; ++g) {
        std::vector<double> removed(7);
        Grid<double> rest = sums;
        for (std::size_t e = 0; e < 7; ++e) {
            removed[e] = std::floor(sums(g, e) / (e % 2 == 0 ? 1 : 3));
            rest(g, e) -= removed[e];
        }
        CHECK_THAT(leave_out.without(g, removed), WithinAbs(divergence(rest), kRounding));
        // Everything of the group.
        rest = sums;
        for (std::size_t e = 0; e < 7; ++e) rest(g, e) = 0;
        CHECK_THAT(leave_out.without(g, sums.row(g)), WithinAbs(divergence(rest), kRounding));
    }
}

TEST_CASE("Pairwise divergence is symmetric, 0 for equal and 1 for disjoint shares") {
    const Grid<double> q = shares(Grid<double>(3, 4,
                                               std::vector<double>{1, 1, 0, 0,  //
                                                                   2, 2, 0, 0,  //
                                                                   0, 0, 1, 4}));
    const Grid<double> d = pairwise_divergence(q);
    CHECK(d(0, 0) == 0);
    CHECK_THAT(d(0, 1), WithinAbs(0, kRounding));
    CHECK_THAT(d(0, 2), WithinAbs(1, kRounding));
    CHECK(d(0, 2) == d(2, 0));
}

TEST_CASE("Pairwise divergence of two groups is their divergence") {
    const auto seed = GENERATE(range(1u, 10u));
    const Grid<double> sums = random_sums(2, 5, seed);
    CHECK_THAT(pairwise_divergence(shares(sums))(0, 1), WithinAbs(divergence(sums), kRounding));
}
