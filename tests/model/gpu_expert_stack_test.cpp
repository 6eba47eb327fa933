// The grouped product that GPUs use, against the loop over experts. libtorch has it on the CPU too.
#include <ATen/ATen.h>

#include "model/forward/arithmetic.h"
#include "model/forward/expert_stack.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

constexpr std::int64_t hidden = 32;
constexpr std::int64_t width = 48;

std::vector<FeedForwardWeights> random_experts(int experts, at::ScalarType dtype) {
    at::manual_seed(5);
    const auto matrix = [&](std::int64_t out, std::int64_t in) {
        return LinearWeights{(at::randn({out, in}) * 0.2).to(dtype), {}};
    };
    std::vector<FeedForwardWeights> result;
    for (int e = 0; e < experts; ++e) {
        result.push_back({matrix(width, hidden), matrix(width, hidden), matrix(hidden, width)});
    }
    return result;
}

}  // namespace

TEST_CASE("experts laid side by side keep their values and are found to lie so", "[model]") {
    const auto before = random_experts(3, at::kBFloat16);
    auto after = before;
    CHECK_FALSE(expert_stack(after).has_value());
    lay_side_by_side(after);
    const auto stack = expert_stack(after);
    REQUIRE(stack.has_value());
    for (int e = 0; e < 3; ++e) {
        CHECK(at::equal(after[e].down.weight, before[e].down.weight));
        CHECK(at::equal(stack->up[e], before[e].up.weight));
    }
}

TEST_CASE("experts that the grouped product does not suit are taken one by one", "[model]") {
    auto wide = random_experts(2, at::kFloat);
    lay_side_by_side(wide);
    CHECK_FALSE(expert_stack(wide).has_value());

    auto biased = random_experts(2, at::kBFloat16);
    biased[1].up.bias = at::zeros({width}, at::kBFloat16);
    lay_side_by_side(biased);
    CHECK_FALSE(expert_stack(biased).has_value());
}

TEST_CASE("the grouped product gives what the loop over experts gives", "[model]") {
    MoeSpec spec;
    spec.rule = {.experts = 5, .top_k = 2};
    spec.experts.resize(5);
    MoeWeights apart;
    apart.experts = random_experts(5, at::kBFloat16);
    MoeWeights together = apart;
    lay_side_by_side(together.experts);

    at::manual_seed(6);
    const at::Tensor x = at::randn({23, hidden}).to(at::kBFloat16);
    at::Tensor logits = at::randn({23, 5});
    logits.select(1, 3).fill_(-100);  // nobody chooses expert 3
    const Routing routing = route(logits, spec.rule);
    const auto arithmetic = libtorch_arithmetic();
    const at::Tensor expected = arithmetic->experts(x, routing, spec, apart).to(at::kFloat);
    const at::Tensor actual = arithmetic->experts(x, routing, spec, together).to(at::kFloat);
    // bf16 keeps 8 bits: three roundings in a row are off by 2 % of the largest at most.
    const double largest = expected.abs().max().item<double>();
    CHECK((actual - expected).abs().max().item<double>() <= 0.02 * largest);
}
