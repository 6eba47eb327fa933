#include "model/kernels/cpu/tiled_product.h"

#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>

#include "model/kernels/cpu/row_ops.h"
#include "model/kernels/cpu/tile_kernel.h"
#include "tests/support/torch_test.h"

namespace alluvium {
namespace {

at::Tensor random(at::IntArrayRef shape, at::ScalarType type, std::uint64_t seed) {
    const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return at::randn(shape, generator, at::TensorOptions()).to(type);
}

// Sums of n products of unit variance in f32 are off by about sqrt(n) * 6e-8 * sqrt(n); the bound
// leaves a factor of 10. Rounding the result to 8 bits of mantissa costs up to 2^-8 of it.
double bound(std::int64_t n, at::ScalarType type) {
    const double sum = static_cast<double>(n) * 6e-7;
    const double rounding = type == at::kFloat ? 0.0 : type == at::kHalf ? 1.0 / 1024 : 1.0 / 128;
    return sum + rounding * 5 * std::sqrt(static_cast<double>(n));
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace

TEST_CASE("A tiled product equals the product in double precision", "[model][cpu]") {
    const auto type = GENERATE(at::kFloat, at::kBFloat16, at::kHalf);
    // One row, ragged panels, odd k, more k than one panel holds, more rows than one block.
    const auto [rows, in, out] = GENERATE(table<int, int, int>(
        {{1, 16, 64}, {7, 64, 1}, {5, 33, 65}, {13, 2500, 130}, {600, 40, 70}}));
    CAPTURE(c10::toString(type), rows, in, out);
    const at::Tensor x = random({rows, in}, type, 1);
    const at::Tensor w = random({out, in}, type, 2);
    const at::Tensor bias = random({out}, type, 3);
    const at::Tensor expected =
        at::linear(x.to(at::kDouble), w.to(at::kDouble), bias.to(at::kDouble));
    CHECK(largest_difference(tiled_linear(x, w, bias, at::kFloat), expected) <
          bound(in, at::kFloat));
    CHECK(largest_difference(tiled_linear(x, w, bias, type), expected) < bound(in, type));
}

TEST_CASE("A row of a tiled product does not depend on the rows beside it", "[model][cpu]") {
    const auto type = GENERATE(at::kFloat, at::kBFloat16, at::kHalf);
    const at::Tensor x = random({531, 1100}, type, 1);
    const at::Tensor w = random({70, 1100}, type, 2);
    const at::Tensor all = tiled_linear(x, w, {}, at::kFloat);
    for (const std::int64_t row : {0, 5, 6, 511, 512, 530}) {
        CHECK(at::equal(tiled_linear(x.narrow(0, row, 1), w, {}, at::kFloat).squeeze(0), all[row]));
    }
    CHECK(at::equal(tiled_linear(x.narrow(0, 3, 20), w, {}, at::kFloat), all.narrow(0, 3, 20)));
}

TEST_CASE("Tiled experts equal the weighted sum of each token's experts", "[model][cpu]") {
    const auto type = GENERATE(at::kFloat, at::kBFloat16);
    constexpr std::int64_t kHidden = 34;
    constexpr std::int64_t kWidth = 40;
    std::vector<ExpertMatrices> experts;
    for (std::uint64_t e = 0; e < 3; ++e) {
        experts.push_back({random({kWidth, kHidden}, type, 10 + e),
                           random({kWidth, kHidden}, type, 20 + e),
                           random({kHidden, kWidth}, type, 30 + e)});
    }
    // Expert 1 is chosen by nobody, expert 2 by all.
    const std::vector<ExpertRows> rows = {
        {{1, 4}, {0.5F, -2.0F}}, {{}, {}}, {{0, 1, 2, 3, 4}, {1.0F, 0.25F, 0.5F, 1.0F, 3.0F}}};
    const at::Tensor x = random({5, kHidden}, type, 1);
    at::Tensor expected = at::zeros({5, kHidden}, at::kDouble);
    for (std::size_t e = 0; e < experts.size(); ++e) {
        const auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
        const at::Tensor hidden = at::silu(at::linear(wide(x), wide(experts[e].gate))) *
                                  at::linear(wide(x), wide(experts[e].up));
        // The hidden layer is rounded to what the second product takes: on a CPU with bf16 units
        // the weights' type, else f32.
        const at::ScalarType kept = tile_kernel(type, kWidth).x_type;
        const at::Tensor y = at::linear(wide(hidden.to(kept)), wide(experts[e].down));
        for (std::size_t i = 0; i < rows[e].rows.size(); ++i) {
            expected[rows[e].rows[i]] += static_cast<double>(rows[e].scale[i]) * y[rows[e].rows[i]];
        }
    }
    const at::Tensor actual = tiled_experts(x, rows, experts, swish_product);
    const double largest = expected.abs().max().item<double>();
    // In bf16 a hidden value near a rounding boundary may round the other way: 2^-8 of one of 40.
    CHECK(largest_difference(actual, expected) < (type == at::kFloat ? 1e-5 : 1e-3) * largest);
}

TEST_CASE("The activation is accurate over the whole range", "[model]") {
    std::vector<float> x;
    for (float v = -100.0F; v <= 100.0F; v += 0.0625F) x.push_back(v);
    const std::vector<float> factor(x.size(), 1.0F);
    std::vector<float> out(x.size());
    swish_product(x.data(), factor.data(), static_cast<std::int64_t>(x.size()), out.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double exact = x[i] / (1.0 + std::exp(-static_cast<double>(x[i])));
        // Below -87 the exponential is clamped: both are smaller than 1e-35.
        CHECK(std::abs(out[i] - exact) <= 1e-6 * std::abs(exact) + 1e-35);
    }
}

TEST_CASE("Rounding to bf16 is libtorch's, to nearest even, NaN and infinity included", "[model]") {
    const float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> values = {0.0F,
                                       -0.0F,
                                       1.0F,
                                       1.00390625F,
                                       1.01171875F,
                                       3.4e38F,
                                       infinity,
                                       -infinity,
                                       1e-40F,
                                       -1.5F,
                                       std::numeric_limits<float>::quiet_NaN()};
    const auto n = static_cast<std::int64_t>(values.size());
    const at::Tensor expected = at::tensor(values).to(at::kBFloat16);
    const at::Tensor actual = at::empty({n}, at::kBFloat16);
    store_row(values.data(), n, at::kBFloat16, static_cast<std::byte*>(actual.mutable_data_ptr()));
    CHECK(at::equal(actual.narrow(0, 0, n - 1), expected.narrow(0, 0, n - 1)));
    CHECK(actual[n - 1].isnan().item<bool>());
}

}  // namespace alluvium
