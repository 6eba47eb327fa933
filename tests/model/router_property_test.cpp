// The kernel on the CPU against the rule in double precision, for every rule and many sizes.
#include <numeric>

#include <ATen/Parallel.h>
#include <ATen/ops/equal.h>
#include <catch2/generators/catch_generators_range.hpp>

#include "tests/support/routing_cases.h"
#include "tests/support/torch_test.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

struct Size {
    int experts;
    int k;
};

const Size sizes[] = {{1, 1},  {2, 2},   {3, 1},    {3, 3},    {12, 2},    {64, 8},
                      {65, 2}, {64, 64}, {257, 65}, {1024, 2}, {1024, 40}, {1024, 1024}};

int sum(const Grid<std::int32_t>& counts) {
    return std::accumulate(counts.values().begin(), counts.values().end(), 0);
}

}  // namespace

TEST_CASE("the CPU kernel follows every rule for any number of experts", "[model]") {
    const Size size = GENERATE(from_range(std::begin(sizes), std::end(sizes)));
    const std::size_t tokens = size.experts > 200 ? 24 : 100;
    for (const auto& [name, spec] : routing_cases(size.experts, size.k)) {
        INFO(name << ", " << size.k << " of " << size.experts);
        const auto logits = random_logits(tokens, spec.experts, 11);
        const auto bias = random_bias(spec, 12);
        const auto routing = route_on(at::kCPU, logits, spec, bias);
        const int close =
            check_against_reference(routing, route_reference(logits, spec, bias), spec);
        // Random scores of many experts do come close, but not so often that nothing is tested.
        CHECK(close <= static_cast<int>(tokens) / 2);
        CHECK(sum(grid_of<std::int32_t>(routing.counts)) == static_cast<int>(tokens) * spec.top_k);
    }
}

TEST_CASE("experts are listed best first and none twice", "[model]") {
    const auto logits = random_logits(50, 65, 3);
    const RouterSpec spec{.experts = 65, .top_k = 9};
    const auto routing = route_on(at::kCPU, logits, spec);
    const auto experts = grid_of<std::int32_t>(routing.experts);
    for (std::size_t t = 0; t < 50; ++t) {
        for (int rank = 1; rank < 9; ++rank) {
            CHECK(logits(t, experts(t, rank - 1)) > logits(t, experts(t, rank)));
        }
    }
}

TEST_CASE("a token's routing depends neither on its neighbours nor on the threads", "[model]") {
    const auto logits = random_logits(200, 64, 5);
    const auto data = tensor_of(logits);
    for (const auto& [name, spec] : routing_cases(64, 8)) {
        INFO(name);
        const auto bias = tensor_of(random_bias(spec, 6));
        const auto whole = route(data, spec, bias);
        const auto part = route(data.slice(0, 37, 90).contiguous(), spec, bias);
        CHECK(at::equal(whole.experts.slice(0, 37, 90), part.experts));
        CHECK(at::equal(whole.weights.slice(0, 37, 90), part.weights));

        const int threads = at::get_num_threads();
        at::set_num_threads(1);
        const auto single = route(data, spec, bias);
        at::set_num_threads(threads);
        CHECK(at::equal(whole.weights, single.weights));
        CHECK(at::equal(whole.margin, single.margin));
        CHECK(at::equal(whole.counts, single.counts));
    }
}

TEST_CASE("no tokens give no choices and counts of zero", "[model]") {
    const auto routing = route_on(at::kCPU, Grid<float>(0, 8), {.experts = 8, .top_k = 2});
    CHECK(routing.experts.size(0) == 0);
    CHECK(sum(grid_of<std::int32_t>(routing.counts)) == 0);
    CHECK(routing.ties.item<int>() == 0);
}
