#include <catch2/catch_test_macros.hpp>

#include "analysis/figures/expert_order.h"
#include "base/error.h"

using namespace alluvium;
using By = ExpertSort::By;
using Order = std::vector<std::size_t>;

namespace {

// Two groups and four experts in layer 3. Experts 0 and 2 are used alike, as are 1 and 3.
Analysis small() {
    Analysis analysis;
    analysis.groups.resize(2);
    analysis.groups[0].label = "fr";
    analysis.groups[1].label = "ar";
    LayerAnalysis layer;
    layer.layer = 3;
    layer.experts = 4;
    layer.share = Grid<double>(2, 4);
    const double shares[2][4] = {{0.1, 0.5, 0.15, 0.25}, {0.6, 0.05, 0.3, 0.05}};
    for (std::size_t g = 0; g < 2; ++g) {
        for (std::size_t e = 0; e < 4; ++e) layer.share(g, e) = shares[g][e];
    }
    layer.mean_share = {0.35, 0.275, 0.225, 0.15};
    analysis.layers.push_back(layer);
    return analysis;
}

}  // namespace

TEST_CASE("Experts are sorted by load, by a language's share, by likeness or by number") {
    const Analysis analysis = small();
    CHECK(sorted_experts(analysis, {By::number}) == Order{0, 1, 2, 3});
    CHECK(sorted_experts(analysis, {By::load, 3}) == Order{0, 1, 2, 3});
    CHECK(sorted_experts(analysis, {By::share, 3, "fr"}) == Order{1, 3, 2, 0});
    // Equal shares stay in the order of their numbers.
    CHECK(sorted_experts(analysis, {By::share, 3, "ar"}) == Order{0, 2, 1, 3});
    // From the busiest, 0, to 2 (distance 0.35; 3 is 0.7 away, 1 is 0.95), to 3 (0.35), to 1.
    CHECK(sorted_experts(analysis, {By::similarity, 3}) == Order{0, 2, 3, 1});
}

TEST_CASE("An order that the trace does not have leaves the default") {
    CHECK(sorted_experts(small(), {By::load, 9}).empty());
    CHECK(sorted_experts(small(), {By::share, 3, "zz"}).empty());
    CHECK(sorted_experts(small(), {}).empty());
}

TEST_CASE("Experts that a layer lacks come last") {
    Analysis analysis = small();
    LayerAnalysis wide = analysis.layers[0];
    wide.layer = 4;
    wide.experts = 6;
    analysis.layers.push_back(wide);
    CHECK(sorted_experts(analysis, {By::share, 3, "fr"}) == Order{1, 3, 2, 0, 4, 5});
}

TEST_CASE("Orders are read as they are written, and nothing else is") {
    for (const char* words :
         {"owner", "number", "load:3", "share:12:fr", "share:0:zh-Hant", "similarity:0"}) {
        CHECK(to_string(parse_expert_sort(words)) == words);
    }
    for (const char* words : {"", "loud", "load", "load:", "load:x", "load:3:fr", "share:3",
                              "number:1", "similarity:-1"}) {
        CAPTURE(words);
        CHECK_THROWS_AS(parse_expert_sort(words), UserError);
    }
}
