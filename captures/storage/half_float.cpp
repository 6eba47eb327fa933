#include "captures/storage/half_float.h"

#include <bit>
#include <cassert>
#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace alluvium {
namespace {

constexpr std::uint32_t kFloatInfinity = 0x7f800000;
constexpr std::uint16_t kHalfInfinity = 0x7c00;
constexpr std::uint16_t kQuietBit = 0x0200;

#if defined(__x86_64__)
// Every processor with AVX2 has it; not every clang knows it by its own name.
bool has_f16c() {
    static const bool found = __builtin_cpu_supports("avx2");
    return found;
}

__attribute__((target("avx,f16c"))) std::size_t to_half_f16c(std::span<const float> values,
                                                             std::uint16_t* out) {
    std::size_t i = 0;
    for (; i + 8 <= values.size(); i += 8) {
        const __m128i half =
            _mm256_cvtps_ph(_mm256_loadu_ps(values.data() + i), _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), half);
    }
    return i;
}

__attribute__((target("avx,f16c"))) std::size_t from_half_f16c(
    std::span<const std::uint16_t> halves, float* out) {
    std::size_t i = 0;
    for (; i + 8 <= halves.size(); i += 8) {
        const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(halves.data() + i));
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(half));
    }
    return i;
}
#else
bool has_f16c() {
    return false;
}
std::size_t to_half_f16c(std::span<const float>, std::uint16_t*) {
    return 0;
}
std::size_t from_half_f16c(std::span<const std::uint16_t>, float*) {
    return 0;
}
#endif

// `mantissa` shifted right by `shift`, rounded to nearest with ties to even. A carry out of the
// mantissa moves into the exponent, which is what rounding up to the next power of two means.
std::uint32_t round_shift(std::uint32_t mantissa, std::uint32_t shift) {
    const std::uint32_t kept = mantissa >> shift;
    const std::uint32_t rest = mantissa & ((1U << shift) - 1);
    const std::uint32_t tie = 1U << (shift - 1);
    return kept + (rest > tie || (rest == tie && (kept & 1U) != 0) ? 1 : 0);
}

}  // namespace

std::uint16_t to_half_portable(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
    const std::uint32_t magnitude = bits & 0x7fffffff;
    const auto with_sign = [&](std::uint32_t half) {
        return static_cast<std::uint16_t>(sign | half);
    };
    if (magnitude > kFloatInfinity) {
        return with_sign(kHalfInfinity | kQuietBit | ((magnitude >> 13) & 0x03ff));
    }
    const std::int32_t exponent = static_cast<std::int32_t>(magnitude >> 23) - 127 + 15;
    if (exponent >= 31) return with_sign(kHalfInfinity);
    if (exponent <= 0) {
        // Subnormal half: the implicit bit becomes explicit and moves right.
        if (exponent < -10) return sign;
        const std::uint32_t mantissa = (magnitude & 0x007fffff) | 0x00800000;
        return with_sign(round_shift(mantissa, static_cast<std::uint32_t>(14 - exponent)));
    }
    const std::uint32_t rebased = magnitude - ((127 - 15) << 23);
    return with_sign(round_shift(rebased, 13));
}

float from_half_portable(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
    const std::uint32_t exponent = (half >> 10) & 0x1f;
    const std::uint32_t mantissa = half & 0x03ff;
    if (exponent == 0) {
        // Subnormal: mantissa x 2^-24, exact in float.
        const float value = static_cast<float>(mantissa) * 0x1p-24F;
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
    }
    if (exponent == 31) {
        const std::uint32_t quiet = mantissa != 0 ? 0x00400000U : 0U;
        return std::bit_cast<float>(sign | kFloatInfinity | quiet | (mantissa << 13));
    }
    return std::bit_cast<float>(sign | ((exponent + 127 - 15) << 23) | (mantissa << 13));
}

void to_half(std::span<const float> values, std::span<std::uint16_t> out) {
    assert(values.size() == out.size());
    std::size_t i = has_f16c() ? to_half_f16c(values, out.data()) : 0;
    for (; i < values.size(); ++i) out[i] = to_half_portable(values[i]);
}

void from_half(std::span<const std::uint16_t> halves, std::span<float> out) {
    assert(halves.size() == out.size());
    std::size_t i = has_f16c() ? from_half_f16c(halves, out.data()) : 0;
    for (; i < halves.size(); ++i) out[i] = from_half_portable(halves[i]);
}

}  // namespace alluvium
