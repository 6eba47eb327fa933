#pragma once
// IEEE 754 half precision, in bulk. Uses the processor's own conversion where it has one.
#include <cstdint>
#include <span>

namespace alluvium {

// Rounds to nearest, ties to even; values beyond 65504 become infinity, NaN stays NaN.
// `out` has the size of `values`.
void to_half(std::span<const float> values, std::span<std::uint16_t> out);
void from_half(std::span<const std::uint16_t> halves, std::span<float> out);

// One value at a time, on any processor; the reference for the above.
std::uint16_t to_half_portable(float value);
float from_half_portable(std::uint16_t half);

}  // namespace alluvium
