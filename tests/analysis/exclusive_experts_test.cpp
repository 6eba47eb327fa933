#include "analysis/exclusive_experts.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

// 4 groups, 4 experts; expert 0 belongs to group 2, experts 1 and 2 to all, expert 3 to nobody.
const Grid<double> kRatios(4, 4,
                           std::vector<double>{0.1, 0.5, 0.4, 0,  //
                                               0.1, 0.5, 0.4, 0,  //
                                               0.7, 0.2, 0.1, 0,  //
                                               0.1, 0.4, 0.5, 0});

}  // namespace

TEST_CASE("An expert is exclusive to the group that holds more than the threshold of it") {
    const Exclusivity result = exclusive_experts(kRatios, 0.4, 15);
    REQUIRE(result.known);
    REQUIRE(result.exclusive.size() == 1);
    CHECK(result.exclusive[0].expert == 0);
    CHECK(result.exclusive[0].group == 2);
    CHECK(result.exclusive[0].a == 0.7 / (0.1 + 0.1 + 0.7 + 0.1));
    CHECK(result.shared == std::vector<ExpertId>{1, 2});
}

TEST_CASE("With 4 groups the threshold is 2 / G at the least") {
    Grid<double> ratios = kRatios;
    ratios(2, 0) = 0.25;  // 0.45 of the expert: above 0.4, below 2 / 4
    CHECK(exclusive_experts(ratios, 0.4, 15).exclusive.empty());
}

TEST_CASE("Only a group's most used experts are looked at") {
    // Expert 0 is nobody's favourite except group 2's; group 2 alone looks at it.
    const Exclusivity result = exclusive_experts(kRatios, 0.4, 1);
    CHECK(result.exclusive.size() == 1);
    CHECK(result.shared == std::vector<ExpertId>{1, 2});
}

TEST_CASE("Fewer than 4 groups leave exclusivity unknown") {
    const Grid<double> three(3, 2, std::vector<double>{1, 0, 0, 1, 0, 1});
    CHECK_FALSE(exclusive_experts(three, 0.4, 15).known);
}
