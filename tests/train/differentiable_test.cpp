// Every hand-written backward pass against libtorch's own gradient of the plain formula, in f64.
#include "model/train/differentiable.h"

#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>
#include <torch/csrc/autograd/autograd.h>

#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

at::Tensor draw(at::IntArrayRef shape) {
    return at::randn(shape, at::TensorOptions(at::kDouble)).set_requires_grad(true);
}

// Values and gradients (towards a random direction) are equal up to the rounding of f64.
void check_same(const at::Tensor& ours, const at::Tensor& plain,
                const std::vector<at::Tensor>& inputs) {
    REQUIRE(ours.sizes() == plain.sizes());
    CHECK(at::allclose(ours, plain, 1e-12, 1e-12));
    const at::Tensor direction = at::randn_like(plain);
    const auto a = torch::autograd::grad({ours}, inputs, {direction}, true);
    const auto b = torch::autograd::grad({plain}, inputs, {direction}, true);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        CAPTURE(i);
        CHECK(b[i].abs().max().item<double>() > 0);
        CHECK(at::allclose(a[i], b[i], 1e-10, 1e-12));
    }
}

at::Tensor plain_expert(const at::Tensor& x, const FeedForwardStack& stack, std::int64_t e) {
    const std::int64_t width = stack.down.size(2);
    const at::Tensor hidden = at::linear(x, stack.gate_up[e]);
    const at::Tensor gate = hidden.narrow(-1, 0, width);
    at::Tensor active = at::silu(gate);
    if (stack.activation == Activation::gelu) active = at::gelu(gate);
    if (stack.activation == Activation::gelu_tanh) active = at::gelu(gate, "tanh");
    return at::linear(active * hidden.narrow(-1, width, width), stack.down[e]);
}

}  // namespace

TEST_CASE("The norm's gradient is that of its formula", "[model]") {
    const at::Tensor x = draw({70, 6});
    const NormWeights norm{draw({6}), 1e-3};
    const at::Tensor plain = x * at::rsqrt(x.square().mean(-1, true) + norm.epsilon) * norm.weight;
    check_same(rms_norm(x, norm, at::kDouble), plain, {x, norm.weight});
}

TEST_CASE("Turning back is the gradient of turning", "[model]") {
    const at::Tensor x = draw({6, 2, 4});  // two sequences of three tokens
    const at::Tensor angle = at::randn({3, 2}, at::TensorOptions(at::kDouble));
    const at::Tensor cosine = angle.cos(), sine = angle.sin();
    const at::Tensor c = at::cat({cosine, cosine}).unsqueeze(1);
    const at::Tensor s = at::cat({sine, sine}).unsqueeze(1);
    const at::Tensor a = x.narrow(-1, 0, 2), b = x.narrow(-1, 2, 2);
    check_same(rotate(x, cosine, sine), at::cat({a * c - b * s, b * c + a * s}, -1), {x});
}

TEST_CASE("Routed experts have the gradient of the sum over each token's experts", "[model]") {
    const at::Tensor x = draw({9, 5});
    const Activation activation = GENERATE(Activation::silu, Activation::gelu_tanh);
    const FeedForwardStack stack{draw({4, 6, 5}), draw({4, 5, 3}), activation};
    const at::Tensor weights = draw({9, 2});
    // Expert 2 is never visited, expert 0 by every token.
    const at::Tensor second = at::tensor({1, 3, 3, 1, 1, 3, 1, 3, 3}, at::TensorOptions(at::kLong));
    const at::Tensor experts = at::stack({at::zeros_like(second), second}, 1);
    std::vector<at::Tensor> rows;
    for (std::int64_t t = 0; t < 9; ++t) {
        const auto e = second[t].item<std::int64_t>();
        rows.push_back(plain_expert(x[t], stack, 0) * weights[t][0] +
                       plain_expert(x[t], stack, e) * weights[t][1]);
    }
    check_same(routed_feed_forward(x, experts, weights, stack), at::stack(rows),
               {x, weights, stack.gate_up, stack.down});
}

TEST_CASE("A dense feed-forward part has the gradient of its formula", "[model]") {
    const at::Tensor x = draw({9, 5});
    const Activation activation =
        GENERATE(Activation::silu, Activation::gelu, Activation::gelu_tanh);
    const FeedForwardStack stack{draw({1, 6, 5}), draw({1, 5, 3}), activation};
    check_same(dense_feed_forward(x, stack), plain_expert(x, stack, 0),
               {x, stack.gate_up, stack.down});
}

TEST_CASE("The loss taken in pieces is the cross entropy of all rows", "[model]") {
    // 8,000,000 logits are taken at a time: 3,000 columns make 2,666 rows a piece, so there are
    // two.
    const at::Tensor x = draw({1400, 3});
    const at::Tensor output = draw({3000, 3});
    const at::Tensor targets = at::randint(3000, {1400}, at::TensorOptions(at::kLong));
    const at::Tensor plain = at::cross_entropy_loss(at::linear(x, output), targets);
    check_same(linear_cross_entropy(x, output, targets), plain, {x, output});
    CHECK(at::allclose(linear_cross_entropy(x.detach(), output.detach(), targets), plain));
}

TEST_CASE("With bf16 products the gradients stay within bf16's rounding", "[model]") {
    const at::Tensor x = draw({64, 32}).detach().to(at::kFloat).set_requires_grad(true);
    FeedForwardStack stack{draw({3, 32, 32}), draw({3, 32, 16})};
    stack.gate_up = (stack.gate_up.detach().to(at::kFloat) / 6).set_requires_grad(true);
    stack.down = (stack.down.detach().to(at::kFloat) / 4).set_requires_grad(true);
    const at::Tensor experts = at::randint(3, {64, 1}, at::TensorOptions(at::kLong));
    const at::Tensor weights = at::ones({64, 1}, at::kFloat);
    const std::vector<at::Tensor> inputs = {x, stack.gate_up, stack.down};
    const at::Tensor direction = at::randn({64, 32}, at::kFloat);
    const auto exact = torch::autograd::grad({routed_feed_forward(x, experts, weights, stack)},
                                             inputs, {direction});
    const auto rounded = torch::autograd::grad(
        {routed_feed_forward(x.to(at::kBFloat16), experts, weights, stack)}, inputs, {direction});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        CAPTURE(i);
        CHECK(rounded[i].scalar_type() == at::kFloat);
        // bf16 keeps 8 bits: single roundings are 0.4 %, a handful of them follow each other.
        CHECK((exact[i] - rounded[i]).norm().item<double>() <
              0.02 * exact[i].norm().item<double>());
    }
}
