#include "analysis/expert_companions.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/sample.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using Catch::Approx;

namespace {

// One prompt; a row of choices per token.
std::vector<std::vector<ExpertCompanion>> companions(Grid<ExpertId> choices,
                                                     std::uint32_t experts) {
    TraceData data = test::planted_data({.languages = 1,
                                         .groups = 1,
                                         .tokens = choices.rows(),
                                         .layers = 1,
                                         .experts = experts,
                                         .top_k = static_cast<std::uint32_t>(choices.cols())});
    data.layers[0].experts = std::move(choices);
    const TracePtr trace = make_trace(data);
    Progress progress;
    const Sample sample = take_sample(*trace, {}, progress);
    return expert_companions(*trace, 0, sample.selection, 2, progress);
}

}  // namespace

TEST_CASE("Experts that the same tokens choose are listed with share and lift") {
    // Expert 0 is chosen by three tokens, twice with 1 and once with 2. By hand: P(1 | 0) = 2/3,
    // P(1) = 3/4; P(2 | 0) = 1/3, P(2) = 2/4.
    const auto all = companions({4, 2, {0, 1, 1, 0, 0, 2, 1, 2}}, 4);
    REQUIRE(all.size() == 4);
    REQUIRE(all[0].size() == 2);
    CHECK(all[0][0].expert == 1);
    CHECK(all[0][0].share == Approx(2.0 / 3));
    CHECK(all[0][0].lift == Approx(8.0 / 9));
    CHECK(all[0][1].expert == 2);
    CHECK(all[0][1].share == Approx(1.0 / 3));
    CHECK(all[0][1].lift == Approx(2.0 / 3));
    CHECK(all[3].empty());
}

TEST_CASE("Tokens whose choice is missing keep no company") {
    const auto all = companions({2, 2, {0, 1, kMissingExpert, kMissingExpert}}, 2);
    REQUIRE(all[0].size() == 1);
    CHECK(all[0][0].share == 1);
    CHECK(all[0][0].lift == 1);
}

TEST_CASE("An expert chosen alone keeps no company") {
    for (const auto& of_expert : companions({3, 1, {0, 1, 0}}, 2)) CHECK(of_expert.empty());
}
