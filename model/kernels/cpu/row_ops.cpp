#include "model/kernels/cpu/row_ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

// One copy per instruction set, chosen when the program starts. Such functions call no others: g++
// inlines nothing into them, not even std::min, and what is not inlined does not vectorise.
#if defined(__x86_64__)
#define ALLUVIUM_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ALLUVIUM_CLONES
#endif

namespace alluvium {
namespace {

ALLUVIUM_CLONES void widen_bf16(const std::uint16_t* from, std::int64_t n, float* to) {
    for (std::int64_t i = 0; i < n; ++i) {
        to[i] = __builtin_bit_cast(float, static_cast<std::uint32_t>(from[i]) << 16);
    }
}

ALLUVIUM_CLONES void round_to_bf16(const float* from, std::int64_t n, std::uint16_t* to) {
    for (std::int64_t i = 0; i < n; ++i) {
        const auto bits = __builtin_bit_cast(std::uint32_t, from[i]);
        const std::uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
        // A NaN's payload must not be rounded into an infinity.
        to[i] = static_cast<std::uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded);
    }
}

// exp(x) by x = n ln2 + r, |r| <= ln2 / 2, and the Taylor series to r^7 (its remainder is below
// 6e-9). Written without branches so that it vectorises. Arguments are clamped to where the result
// is a normal number.
[[gnu::always_inline]] inline float exponential(float x) {
    constexpr float kLog2e = 1.44269504F;
    constexpr float kLn2High = 0.693359375F;
    constexpr float kLn2Low = -2.12194440e-4F;
    constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
    const float raised = x > -87.0F ? x : -87.0F;
    const float clamped = raised < 88.0F ? raised : 88.0F;
    const float shifted = clamped * kLog2e + kRound;
    const float n = shifted - kRound;
    const float r = (clamped - n * kLn2High) - n * kLn2Low;
    float p = 1.0F / 5040;
    p = p * r + 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    const std::int32_t exponent =
        (__builtin_bit_cast(std::int32_t, shifted) - __builtin_bit_cast(std::int32_t, kRound) + 127)
        << 23;
    return p * __builtin_bit_cast(float, exponent);
}

template <typename Half>
void widen(const std::byte* from, std::int64_t n, float* to) {
    const auto* typed = reinterpret_cast<const Half*>(from);
    for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<float>(typed[i]);
}

}  // namespace

void load_row(const std::byte* from, at::ScalarType type, std::int64_t n, float* to) {
    if (type == at::kBFloat16) {
        widen_bf16(reinterpret_cast<const std::uint16_t*>(from), n, to);
    } else if (type == at::kHalf) {
        widen<c10::Half>(from, n, to);
    } else {
        std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(float));
    }
}

void store_row(const float* from, std::int64_t n, at::ScalarType type, std::byte* to) {
    if (type == at::kBFloat16) {
        round_to_bf16(from, n, reinterpret_cast<std::uint16_t*>(to));
    } else if (type == at::kHalf) {
        std::copy_n(from, n, reinterpret_cast<c10::Half*>(to));
    } else {
        std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(float));
    }
}

ALLUVIUM_CLONES void swish_product(const float* __restrict x, const float* __restrict factor,
                                   std::int64_t n, float* __restrict out) {
    for (std::int64_t i = 0; i < n; ++i) {
        out[i] = x[i] / (1.0F + exponential(-x[i])) * factor[i];
    }
}

void gelu_product(const float* x, const float* factor, std::int64_t n, float* out) {
    constexpr float kHalfRoot = 0.70710678F;
    for (std::int64_t i = 0; i < n; ++i) {
        out[i] = 0.5F * x[i] * (1.0F + std::erf(x[i] * kHalfRoot)) * factor[i];
    }
}

ALLUVIUM_CLONES void gelu_tanh_product(const float* __restrict x, const float* __restrict factor,
                                       std::int64_t n, float* __restrict out) {
    // (1 + tanh(u)) / 2 = 1 / (1 + exp(-2 u)); 2 sqrt(2 / pi) and its product with 0.044715.
    constexpr float kLinear = 1.59576912F;
    constexpr float kCubic = 0.0713548163F;
    for (std::int64_t i = 0; i < n; ++i) {
        const float twice = x[i] * (kLinear + kCubic * x[i] * x[i]);
        out[i] = x[i] / (1.0F + exponential(-twice)) * factor[i];
    }
}

ALLUVIUM_CLONES void clamped_swish_product(const float* __restrict x,
                                           const float* __restrict factor, std::int64_t n,
                                           float limit, float alpha, float* __restrict out) {
    for (std::int64_t i = 0; i < n; ++i) {
        const float gate = x[i] < limit ? x[i] : limit;
        const float low = factor[i] > -limit ? factor[i] : -limit;
        const float up = low < limit ? low : limit;
        out[i] = gate / (1.0F + exponential(-alpha * gate)) * (up + 1.0F);
    }
}

ALLUVIUM_CLONES void add_scaled(const float* x, float factor, std::int64_t n, float* y) {
    for (std::int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

ALLUVIUM_CLONES void rms_norm_row(float* x, const float* weight, std::int64_t n, double epsilon) {
    // Sixteen sums in a fixed order: vectorises without changing with the instruction set's width.
    constexpr std::int64_t kSums = 16;
    float sums[kSums] = {};
    const std::int64_t whole = n / kSums * kSums;
    for (std::int64_t i = 0; i < whole; i += kSums) {
        for (std::int64_t j = 0; j < kSums; ++j) sums[j] += x[i + j] * x[i + j];
    }
    double total = 0;
    for (const float sum : sums) total += sum;
    for (std::int64_t i = whole; i < n; ++i) total += x[i] * x[i];
    const auto scale =
        static_cast<float>(1.0 / __builtin_sqrt(total / static_cast<double>(n) + epsilon));
    for (std::int64_t i = 0; i < n; ++i) x[i] = x[i] * scale * weight[i];
}

void layer_norm_row(float* x, const float* weight, const float* bias, std::int64_t n,
                    double epsilon) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += x[i];
    const double mean = sum / static_cast<double>(n);
    double squares = 0;
    for (std::int64_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
    const double scale = 1.0 / std::sqrt(squares / static_cast<double>(n) + epsilon);
    for (std::int64_t i = 0; i < n; ++i) {
        x[i] = static_cast<float>((x[i] - mean) * scale) * weight[i];
        if (bias != nullptr) x[i] += bias[i];
    }
}

ALLUVIUM_CLONES void rotate_row(float* x, const float* cosine, const float* sine,
                                std::int64_t half) {
    float* const second = x + half;
    for (std::int64_t i = 0; i < half; ++i) {
        const float a = x[i];
        const float b = second[i];
        x[i] = a * cosine[i] - b * sine[i];
        second[i] = b * cosine[i] + a * sine[i];
    }
}

}  // namespace alluvium
