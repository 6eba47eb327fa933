// The source of the GPU kernel, run lane by lane on the CPU, against the rule in double precision.
// Not a GPU test: that one is router_gpu_test.cpp. This one shows on every machine that the kernel
// chooses, weighs and counts right and that its lanes meet where they have to.
#include <ATen/ops/equal.h>

#include "tests/support/simt.h"

namespace alluvium {
namespace {
// The kernel's dynamic shared memory, with a guard behind it.
std::uint32_t shared[48 * 1024 / sizeof(std::uint32_t) + 1];
}  // namespace
}  // namespace alluvium

#include "model/kernels/cuda/route_kernel.cuh"
#include "model/kernels/cuda/route_rule.h"
#include "tests/support/routing_cases.h"
#include "tests/support/torch_test.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

constexpr std::uint32_t garbage = 0xDEADBEEF;

// As the launcher does it, in `most_blocks` at most.
Routing run_kernel(const Grid<float>& logits, const RouterSpec& spec,
                   const std::vector<float>& bias, unsigned most_blocks, unsigned seed = 1) {
    const auto tokens = static_cast<std::int64_t>(logits.rows());
    const RouteRule rule = route_rule(spec);
    const at::Tensor counts = at::full({spec.experts + 1}, -1, at::kInt);
    Routing routing{.experts = at::full({tokens, spec.top_k}, -1, at::kInt),
                    .weights = at::zeros({tokens, spec.top_k}),
                    .margin = at::zeros({tokens}),
                    .counts = counts.narrow(0, 0, spec.experts),
                    .ties = counts.select(0, spec.experts)};
    const RouteArrays arrays{logits.values().data(),
                             bias.empty() ? nullptr : bias.data(),
                             routing.experts.mutable_data_ptr<std::int32_t>(),
                             routing.weights.mutable_data_ptr<float>(),
                             routing.margin.mutable_data_ptr<float>(),
                             counts.mutable_data_ptr<std::int32_t>()};
    RouteShape shape = route_shape(rule, tokens, 100);
    shape.blocks = std::min(shape.blocks, most_blocks);
    if (shape.blocks != 1) counts.zero_();
    std::ranges::fill(shared, garbage);
    simt::launch(shape.blocks, shape.warps * warp::lanes, seed,
                 [&] { route_kernel(arrays, rule, tokens); });
    CHECK(shared[shape.shared_bytes / sizeof(std::uint32_t)] == garbage);
    return routing;
}

void check_counts(const Routing& routing) {
    const auto experts = grid_of<std::int32_t>(routing.experts);
    Grid<std::int32_t> counts(1, routing.counts.numel());
    for (const std::int32_t e : experts.values()) ++counts(0, e);
    CHECK(grid_of<std::int32_t>(routing.counts) == counts);
}

}  // namespace

TEST_CASE("the GPU kernel's source follows every rule for any number of experts", "[model]") {
    const std::vector<std::pair<int, int>> sizes = {{1, 1},    {3, 1},   {3, 3},   {12, 2},
                                                    {64, 8},   {65, 2},  {64, 64}, {257, 65},
                                                    {1024, 2}, {1024, 9}};
    for (const auto& [experts, k] : sizes) {
        const std::size_t tokens = experts > 200 ? 6 : 19;
        for (const auto& [name, spec] : routing_cases(experts, k)) {
            INFO(name << ", " << k << " of " << experts);
            const auto logits = random_logits(tokens, experts, 21);
            const auto bias = random_bias(spec, 22);
            const auto expected = route_reference(logits, spec, bias);
            // One block: warps take several tokens each; several: their counts are added up.
            for (const unsigned most_blocks : {1U, 100U}) {
                const auto routing = run_kernel(logits, spec, bias, most_blocks);
                CHECK(check_against_reference(routing, expected, spec) <= 9);
                check_counts(routing);
            }
        }
    }
}

TEST_CASE("the GPU kernel's source gives the same bits in whatever order its lanes run",
          "[model]") {
    const auto logits = random_logits(20, 65, 31);
    const RouterSpec spec{.experts = 65, .top_k = 6, .renormalise = true};
    const auto first = run_kernel(logits, spec, {}, 1, 1);
    for (unsigned seed = 2; seed < 6; ++seed) {
        const auto again = run_kernel(logits, spec, {}, 1, seed);
        CHECK(at::equal(first.experts, again.experts));
        CHECK(at::equal(first.weights, again.weights));
        CHECK(at::equal(first.counts, again.counts));
    }
}

TEST_CASE("the GPU kernel's source breaks ties as the rule says and counts them", "[model]") {
    Grid<float> logits(40, 9, 1.0F);
    logits(3, 8) = 2.0F;
    const RouterSpec spec{.experts = 9, .top_k = 2, .scoring = Scoring::none};
    const auto routing = run_kernel(logits, spec, {}, 1);
    const auto experts = grid_of<std::int32_t>(routing.experts);
    CHECK(experts(0, 0) == 0);
    CHECK(experts(0, 1) == 1);
    CHECK(experts(3, 0) == 8);
    CHECK(experts(3, 1) == 0);
    CHECK(routing.ties.item<int>() == 40);
}

TEST_CASE("the GPU kernel's source keeps a choice in range when logits are NaN", "[model]") {
    Grid<float> logits(3, 40, std::numeric_limits<float>::quiet_NaN());
    logits(1, 7) = -std::numeric_limits<float>::infinity();
    const RouterSpec spec{.experts = 40, .top_k = 3, .scoring = Scoring::none};
    const auto experts = grid_of<std::int32_t>(run_kernel(logits, spec, {}, 1).experts);
    CHECK(std::vector(experts.row(0).begin(), experts.row(0).end()) == std::vector{0, 1, 2});
    CHECK(std::vector(experts.row(1).begin(), experts.row(1).end()) == std::vector{7, 0, 1});
}
