// Frequencies of stretched rotary embeddings at the points where they can be told by hand; the
// curves in between are held to the reference by the goldens.
#include "model/forward/rotary.h"

#include <cmath>

#include <ATen/ATen.h>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "tests/support/torch_test.h"

namespace alluvium {
namespace {

using Catch::Matchers::WithinRel;

constexpr std::int64_t kHead = 64;
constexpr double kF32 = 1e-6;

std::vector<double> frequencies(const RotarySpec& spec, std::int64_t length = 10) {
    const at::Tensor f = rotary_frequencies(spec, kHead, length).frequency.to(at::kDouble);
    return {f.const_data_ptr<double>(), f.const_data_ptr<double>() + f.numel()};
}

double plain(std::size_t pair) {
    return std::pow(10000.0, -2.0 * static_cast<double>(pair) / kHead);
}

RotarySpec scaled(RotaryScaling scaling) {
    RotarySpec spec;
    spec.scaling = std::move(scaling);
    return spec;
}

}  // namespace

TEST_CASE("Linear scaling slows every pair alike", "[model]") {
    const auto f = frequencies(scaled(LinearScaling{4}));
    REQUIRE(f.size() == kHead / 2);
    for (const std::size_t pair : {0, 7, 31}) CHECK_THAT(f[pair], WithinRel(plain(pair) / 4, kF32));
}

TEST_CASE("Dynamic scaling leaves prompts within the original length alone", "[model]") {
    const RotarySpec spec = scaled(DynamicScaling{.factor = 2, .original = 100});
    CHECK_THAT(frequencies(spec, 100)[31], WithinRel(plain(31), kF32));
    // 300 tokens: the base grows by (2 * 3 - 1)^(64 / 62), the slowest pair by that to the -62/64.
    CHECK_THAT(frequencies(spec, 300)[31], WithinRel(plain(31) / 5, 2 * kF32));
}

TEST_CASE("YaRN keeps pairs that turn often and divides those that hardly turn", "[model]") {
    const auto f = frequencies(scaled(YarnScaling{.factor = 8, .original = 4096}));
    CHECK_THAT(f[0], WithinRel(plain(0), kF32));  // 652 turns in 4,096 tokens
    CHECK_THAT(f[31], WithinRel(plain(31) / 8, kF32));
}

TEST_CASE("Llama 3's scaling goes by wavelength", "[model]") {
    const RotarySpec spec =
        scaled(Llama3Scaling{.factor = 8, .low = 1, .high = 4, .original = 8192});
    const auto f = frequencies(spec);
    CHECK_THAT(f[0], WithinRel(plain(0), kF32));        // wavelength 6, below 2,048
    CHECK_THAT(f[31], WithinRel(plain(31) / 8, kF32));  // wavelength 47,000, above 8,192
    const double wavelength = 2 * M_PI / plain(23);     // 4,700
    const double smooth = (8192 / wavelength - 1) / 3;
    CHECK_THAT(f[23], WithinRel(((1 - smooth) / 8 + smooth) * plain(23), 1e-5));
}

TEST_CASE("LongRoPE changes factors and magnitude behind the original length", "[model]") {
    LongScaling scaling;
    scaling.short_factors.assign(kHead / 2, 1.0);
    scaling.long_factors.assign(kHead / 2, 5.0);
    scaling.original = 20;
    scaling.short_magnitude = 1.1;
    scaling.long_magnitude = 1.3;
    const RotarySpec spec = scaled(scaling);
    CHECK_THAT(frequencies(spec, 20)[3], WithinRel(plain(3), kF32));
    CHECK_THAT(frequencies(spec, 21)[3], WithinRel(plain(3) / 5, kF32));
    CHECK(rotary_frequencies(spec, kHead, 20).magnitude == 1.1);
    CHECK(rotary_frequencies(spec, kHead, 21).magnitude == 1.3);
}

TEST_CASE("Each prompt of a batch turns by its own length", "[model]") {
    const RotarySpec spec = scaled(DynamicScaling{.factor = 4, .original = 3});
    TokenBatch both, one;
    both.append({1, 2, 3});
    both.append({1, 2, 3, 4, 5, 6});
    one.append({1, 2, 3, 4, 5, 6});
    const RotaryTable packed = rotary_table(spec, kHead, both, at::kCPU);
    const RotaryTable alone = rotary_table(spec, kHead, one, at::kCPU);
    CHECK(at::equal(packed.cosine.narrow(0, 3, 6), alone.cosine));
    CHECK_FALSE(at::equal(packed.cosine.narrow(0, 0, 3), alone.cosine.narrow(0, 0, 3)));
}

}  // namespace alluvium
