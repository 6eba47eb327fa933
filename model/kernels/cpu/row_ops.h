#pragma once
// Loops over one row: conversions, norms, activations, rotation. All arithmetic is in f32, and a
// row's result depends on the row alone. `type` is f32, bf16 or f16.
#include <cstddef>
#include <cstdint>

#include <c10/core/ScalarType.h>

namespace alluvium {

void load_row(const std::byte* from, at::ScalarType type, std::int64_t n, float* to);
// Rounds to nearest even.
void store_row(const float* from, std::int64_t n, at::ScalarType type, std::byte* to);

// out = x / (1 + exp(-x)) * factor, element by element; relative error below 1e-6. `out` is
// neither of the others.
void swish_product(const float* x, const float* factor, std::int64_t n, float* out);

// The same with x times the normal distribution function of x, exact and approximated by tanh.
void gelu_product(const float* x, const float* factor, std::int64_t n, float* out);
void gelu_tanh_product(const float* x, const float* factor, std::int64_t n, float* out);

// a = min(x, limit); out = a / (1 + exp(-alpha a)) * (factor, clamped to +-limit, plus 1).
void clamped_swish_product(const float* x, const float* factor, std::int64_t n, float limit,
                           float alpha, float* out);

// y += factor * x
void add_scaled(const float* x, float factor, std::int64_t n, float* y);

// x = x / sqrt(mean(x^2) + epsilon) * weight
void rms_norm_row(float* x, const float* weight, std::int64_t n, double epsilon);

// x = (x - mean(x)) / sqrt(var(x) + epsilon) * weight + bias; bias may be null.
void layer_norm_row(float* x, const float* weight, const float* bias, std::int64_t n,
                    double epsilon);

// Rotates the halves of x [2 half] against each other by the angles given.
void rotate_row(float* x, const float* cosine, const float* sine, std::int64_t half);

}  // namespace alluvium
