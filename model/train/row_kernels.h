#pragma once
// Operations on rows that are bound by memory: one pass where chains of tensor operations would
// take many. `narrow` is the type of matrix products (f32, f64 or bf16), `wide` that of sums and of
// the residual stream (f32; f64 with f64). Deterministic, whatever the number of threads.
//
// T tokens, k experts per token, P = T k pairs, R rows of pairs grouped by expert, H width.
#include <cstdint>
#include <span>
#include <utility>

#include <ATen/core/Tensor.h>

namespace alluvium {

// f32 for f32 and bf16, f64 for f64.
at::ScalarType wide_type(at::ScalarType narrow);

struct NormResult {
    at::Tensor out;      // [T, H] narrow
    at::Tensor inverse;  // [T] wide: 1 / sqrt(mean(x^2) + epsilon)
};
// x [T, H] wide, weight [H] wide.
NormResult rms_norm_rows(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                         at::ScalarType narrow);
// -> gradients of x [T, H] and weight [H], wide; `gradient` [T, H] narrow.
std::pair<at::Tensor, at::Tensor> rms_norm_rows_backward(const at::Tensor& gradient,
                                                         const at::Tensor& x,
                                                         const at::Tensor& weight,
                                                         const at::Tensor& inverse);

// x [T, heads, D] narrow; tables [S, D / 2] wide, of position T % S; `sign` -1 turns back.
at::Tensor rotate_rows(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine,
                       double sign);

// The rows of a tensor grouped by expert: pair p = token * k + rank lies at row place[p]. There are
// R rows: each expert's number is rounded up, the rows that no pair has are 0.
struct PairPlaces {
    std::int64_t top_k = 0;
    std::vector<std::int64_t> place;  // [P]
    std::vector<std::int64_t> begin;  // [E + 1] first row of each expert, then R

    std::int64_t tokens() const { return std::ssize(place) / top_k; }
    std::int64_t rows() const { return begin.back(); }
};
// experts [T, k] i64, values 0 .. E - 1; rows per expert are rounded up to a multiple of
// `multiple`.
PairPlaces group_by_expert(const at::Tensor& experts, std::int64_t expert_count,
                           std::int64_t multiple);

// [T, H] -> [R, H]: every token's row at each of its places, times weights [T, k] wide where given.
at::Tensor spread_rows(const at::Tensor& x, const PairPlaces& places, at::ScalarType narrow,
                       const at::Tensor& weights = {});
// [R, H] narrow -> [T, H] of type `out`: the sum over each token's places, in order of rank, times
// weights [T, k] wide where given.
at::Tensor collect_rows(const at::Tensor& y, const PairPlaces& places, at::ScalarType out,
                        const at::Tensor& weights = {});
// a [T, H], y [R, H] narrow -> [T, k] wide: the dot product of a's row with each of its places.
at::Tensor dot_rows(const at::Tensor& a, const at::Tensor& y, const PairPlaces& places);

}  // namespace alluvium
