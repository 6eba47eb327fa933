#include "captures/storage/half_float.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace alluvium {
namespace {

// Values and bits from IEEE 754-2019, table 3.5, worked out by hand.
TEST_CASE("half floats round to nearest even as IEEE 754 says") {
    CHECK(to_half_portable(0.0F) == 0x0000);
    CHECK(to_half_portable(-0.0F) == 0x8000);
    CHECK(to_half_portable(1.0F) == 0x3c00);
    CHECK(to_half_portable(-2.0F) == 0xc000);
    CHECK(to_half_portable(65504.0F) == 0x7bff);
    CHECK(to_half_portable(65519.0F) == 0x7bff);
    CHECK(to_half_portable(65520.0F) == 0x7c00);
    CHECK(to_half_portable(0x1p-14F) == 0x0400);
    CHECK(to_half_portable(0x1p-24F) == 0x0001);
    CHECK(to_half_portable(0x1p-25F) == 0x0000);
    CHECK(to_half_portable(0x1.8p-25F) == 0x0001);
    CHECK(to_half_portable(0x1.002p0F) == 0x3c00);
    CHECK(to_half_portable(0x1.006p0F) == 0x3c02);
    CHECK(to_half_portable(0x1.ffep0F + 0x1p-11F) == 0x4000);
    CHECK(to_half_portable(-std::numeric_limits<float>::infinity()) == 0xfc00);
    CHECK(std::isnan(from_half_portable(to_half_portable(std::nanf("")))));
}

TEST_CASE("every half is the nearest half to itself") {
    int wrong = 0;
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const float value = from_half_portable(static_cast<std::uint16_t>(bits));
        if (std::isnan(value)) continue;
        wrong += to_half_portable(value) != bits ? 1 : 0;
    }
    CHECK(wrong == 0);
    CHECK(from_half_portable(0x3555) == 0x1.554p-2F);
}

TEST_CASE("conversion in bulk equals conversion one by one") {
    std::mt19937 random(3);
    std::vector<float> values(100'003);
    for (float& value : values) value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    std::vector<std::uint16_t> halves(values.size());
    std::vector<float> back(values.size());
    to_half(values, halves);
    from_half(halves, back);
    int wrong = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float expected = from_half_portable(halves[i]);
        wrong += halves[i] != to_half_portable(values[i]) ? 1 : 0;
        wrong += std::bit_cast<std::uint32_t>(back[i]) != std::bit_cast<std::uint32_t>(expected);
    }
    CHECK(wrong == 0);
}

}  // namespace
}  // namespace alluvium
