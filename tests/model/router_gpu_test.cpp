// The router kernel on a GPU against the rule in double precision.
#include <numeric>

#include <ATen/ops/equal.h>

#include "base/error.h"
#include "tests/support/gpu.h"
#include "tests/support/routing_cases.h"
#include "tests/support/torch_test.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

// The counts and ties that the experts and margins of a routing imply.
void check_counts(const Routing& routing) {
    const auto experts = grid_of<std::int32_t>(routing.experts);
    Grid<std::int32_t> counts(1, static_cast<std::size_t>(routing.counts.numel()));
    for (const std::int32_t e : experts.values()) ++counts(0, static_cast<std::size_t>(e));
    CHECK(grid_of<std::int32_t>(routing.counts) == counts);
    const auto margin = grid_of<float>(routing.margin);
    CHECK(routing.ties.cpu().item<int>() == std::ranges::count(margin.values(), 0.0F));
}

}  // namespace

TEST_CASE("the GPU kernel follows every rule for any number of experts", "[model][gpu]") {
    const at::Device gpu = gpu_or_skip();
    const std::vector<std::pair<int, int>> sizes = {
        {1, 1},    {3, 1},    {3, 3},     {12, 2},      {64, 8},   {65, 2},   {64, 64},
        {257, 65}, {1024, 2}, {1024, 40}, {1024, 1024}, {4096, 8}, {6000, 8}};
    for (const auto& [experts, k] : sizes) {
        for (const auto& [name, spec] : routing_cases(experts, k)) {
            INFO(name << ", " << k << " of " << experts);
            const auto logits = random_logits(100, experts, 41);
            const auto bias = random_bias(spec, 42);
            const auto routing = route_on(gpu, logits, spec, bias);
            const auto expected = route_reference(logits, spec, bias);
            // The more experts, the closer they come.
            CHECK(check_against_reference(routing, expected, spec) <= (experts > 2000 ? 100 : 50));
            check_counts(routing);
        }
    }
}

TEST_CASE("the GPU kernel counts any number of tokens", "[model][gpu]") {
    const at::Device gpu = gpu_or_skip();
    for (const std::size_t tokens : {0, 1, 8, 9, 4097, 50000}) {
        INFO(tokens << " tokens");
        const auto routing =
            route_on(gpu, random_logits(tokens, 60, 43), {.experts = 60, .top_k = 4});
        CHECK(routing.experts.size(0) == static_cast<std::int64_t>(tokens));
        check_counts(routing);
    }
}

TEST_CASE("the GPU kernel gives the same bits every time", "[model][gpu]") {
    const at::Device gpu = gpu_or_skip();
    const auto logits = random_logits(5000, 128, 44);
    for (const auto& [name, spec] : routing_cases(128, 8)) {
        INFO(name);
        const auto bias = random_bias(spec, 45);
        const auto first = route_on(gpu, logits, spec, bias);
        for (int again = 0; again < 3; ++again) {
            const auto other = route_on(gpu, logits, spec, bias);
            CHECK(at::equal(first.experts, other.experts));
            CHECK(at::equal(first.weights, other.weights));
            CHECK(at::equal(first.margin, other.margin));
            CHECK(at::equal(first.counts, other.counts));
        }
    }
}

TEST_CASE("the GPU kernel and the CPU kernel choose alike where logits are not numbers",
          "[model][gpu]") {
    const at::Device gpu = gpu_or_skip();
    auto logits = random_logits(4, 40, 46);
    std::ranges::fill(logits.row(0), std::numeric_limits<float>::quiet_NaN());
    std::ranges::fill(logits.row(1), -std::numeric_limits<float>::infinity());
    std::ranges::fill(logits.row(2), 1.0F);
    logits(3, 17) = std::numeric_limits<float>::infinity();
    for (const auto& [name, spec] : routing_cases(40, 2)) {
        INFO(name);
        const auto bias = random_bias(spec, 47);
        CHECK(at::equal(route_on(gpu, logits, spec, bias).experts.cpu(),
                        route_on(at::kCPU, logits, spec, bias).experts));
    }
}

TEST_CASE("too many experts for a GPU are refused, and the next call works", "[model][gpu]") {
    const at::Device gpu = gpu_or_skip();
    const auto many = random_logits(1, 100000, 48);
    CHECK_THROWS_AS(route_on(gpu, many, {.experts = 100000, .top_k = 2}), RunError);
    const auto routing = route_on(gpu, random_logits(3, 8, 49), {.experts = 8, .top_k = 2});
    check_counts(routing);
}
