#include "analysis/language_clusters.h"

#include <cmath>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace alluvium;
using Catch::Approx;

namespace {

// Groups on a line: their distance is how far they stand apart.
Grid<double> on_a_line(const std::vector<double>& places) {
    Grid<double> distance(places.size(), places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        for (std::size_t j = 0; j < places.size(); ++j) {
            distance(i, j) = std::abs(places[i] - places[j]);
        }
    }
    return distance;
}

using Labels = std::vector<std::size_t>;

}  // namespace

TEST_CASE("Average linkage joins by the mean distance of all members") {
    // 0 and 1 first, then 4 and 6; the clusters' means lie (4 + 6 + 3 + 5) / 4 apart.
    const auto merges = average_linkage(on_a_line({0, 4, 1, 6}));
    REQUIRE(merges.size() == 3);
    CHECK(merges[0].left == 0);
    CHECK(merges[0].right == 2);
    CHECK(merges[0].height == 1);
    CHECK(merges[1].height == 2);
    CHECK(merges[2].height == Approx(4.5));
    CHECK(leaf_order(merges) == Labels{0, 2, 1, 3});
}

TEST_CASE("A tree is cut into as many clusters as are asked for") {
    const auto merges = average_linkage(on_a_line({0, 10, 1, 11, 30}));
    CHECK(cut_tree(merges, 1) == Labels{0, 0, 0, 0, 0});
    CHECK(cut_tree(merges, 2) == Labels{0, 0, 0, 0, 1});
    CHECK(cut_tree(merges, 3) == Labels{0, 1, 0, 1, 2});
    CHECK(cut_tree(merges, 5) == Labels{0, 1, 2, 3, 4});
}

TEST_CASE("The adjusted Rand index agrees with the published example and its limits") {
    CHECK(adjusted_rand_index({0, 0, 1, 1}, {1, 1, 0, 0}) == 1);
    CHECK(std::isnan(adjusted_rand_index({0, 1, 2}, {0, 1, 2})));
    // By hand: pairs together 2, by chance 4 * 3 / 15 = 0.8, at most 3.5.
    CHECK(adjusted_rand_index({0, 0, 0, 1, 1, 2}, {0, 0, 1, 1, 1, 1}) ==
          Approx((2 - 4.0 * 7 / 15) / (5.5 - 4.0 * 7 / 15)));
}

TEST_CASE("Families that routes follow agree, shuffled ones do not") {
    const Grid<double> distance = on_a_line({0, 1, 2, 20, 21, 22, 40, 41, 42, 7});
    const std::vector<std::string> families = {"a", "a", "a", "b", "b", "b", "c", "c", "c", ""};
    const FamilyAgreement followed = agreement_with_families(distance, families, 999, 1);
    CHECK(followed.ari == 1);
    CHECK(followed.groups == 9);
    CHECK(followed.families == 3);
    // 9! / (3!)^3 = 1680 ways, 6 of them the same partition: 1 / 280.
    CHECK(followed.p < 0.02);
    const std::vector<std::string> mixed = {"a", "b", "c", "a", "b", "c", "a", "b", "c", ""};
    const FamilyAgreement other = agreement_with_families(distance, mixed, 999, 1);
    CHECK(other.ari < 0);
    CHECK(other.p > 0.5);
}

TEST_CASE("There is no agreement with one family, a family each, or three groups") {
    const Grid<double> distance = on_a_line({0, 1, 5, 6});
    CHECK(std::isnan(agreement_with_families(distance, {"a", "a", "a", "a"}, 9, 1).ari));
    CHECK(std::isnan(agreement_with_families(distance, {"a", "b", "c", "d"}, 9, 1).ari));
    CHECK(std::isnan(agreement_with_families(distance, {"a", "a", "b", ""}, 9, 1).ari));
}
