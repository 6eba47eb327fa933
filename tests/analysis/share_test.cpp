#include "analysis/share.h"

#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

using namespace alluvium;
using Catch::Matchers::WithinULP;

namespace {

// Two groups, three experts; 10 and 5 tokens with k = 2 where every choice is counted.
const Grid<double> kSelections(2, 3, std::vector<double>{10, 6, 4, 0, 5, 5});

}  // namespace

TEST_CASE("Shares divide by the group's selections and sum to 1") {
    const Grid<double> q = shares(kSelections);
    CHECK(q == Grid<double>(2, 3, std::vector<double>{0.5, 0.3, 0.2, 0, 0.5, 0.5}));
}

TEST_CASE("Token ratios divide by the group's tokens and sum to k") {
    const std::vector<std::uint64_t> tokens = {10, 5};
    const Grid<double> r = token_ratios(kSelections, tokens);
    CHECK(r == Grid<double>(2, 3, std::vector<double>{1.0, 0.6, 0.4, 0, 1, 1}));
}

TEST_CASE("The average panel weighs groups equally, whatever their size") {
    const std::vector<double> mean = mean_share(shares(kSelections));
    CHECK_THAT(mean[0], WithinULP(0.25, 1));
    CHECK_THAT(mean[1], WithinULP(0.4, 1));
    CHECK_THAT(mean[2], WithinULP(0.35, 1));
}

TEST_CASE("A group without tokens is missing, not zero") {
    const Grid<double> sums(2, 2, std::vector<double>{0, 0, 3, 1});
    const Grid<double> q = shares(sums);
    CHECK(std::isnan(q(0, 0)));
    CHECK(q(1, 0) == 0.75);
    const std::vector<std::uint64_t> tokens = {0, 4};
    CHECK(std::isnan(token_ratios(sums, tokens)(0, 1)));
    CHECK(mean_share(q) == std::vector<double>{0.75, 0.25});
}

TEST_CASE("Rows are summed by label and those without one are left out") {
    const Grid<double> rows(4, 2, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8});
    const std::vector<std::int32_t> labels = {1, -1, 0, 1};
    CHECK(sum_by_label(rows, labels, 3) ==
          Grid<double>(3, 2, std::vector<double>{5, 6, 8, 10, 0, 0}));
}
