#pragma once
// Matrix products on the CPU made of TileKernel's fixed tiles. T rows of x, contiguous tensors, W
// [out, in] read where it lies. A row of the result depends on its row of x alone, bit for bit.
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

namespace alluvium {

// x W^T + bias as `type`; x [T, in] in any type, bias [out] or undefined.
at::Tensor tiled_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        at::ScalarType type);

// The rows of x that one expert multiplies.
struct ExpertRows {
    std::vector<std::int64_t> rows;  // of x, ascending
    std::vector<float> scale;        // of each row's result
};

// W of one expert; gate and up [F, H], down [H, F].
struct ExpertMatrices {
    at::Tensor gate;
    at::Tensor up;
    at::Tensor down;
    // f32, contiguous, or undefined
    at::Tensor gate_bias{};
    at::Tensor up_bias{};
    at::Tensor down_bias{};
};

// out = gated activation of (gate, up), n elements each.
using GateFunction =
    std::function<void(const float* gate, const float* up, std::int64_t n, float* out)>;

// Adds to `sum` [T, H] f32, for every row of x and every expert that holds it,
// scale * down(activation(gate(x), up(x))), in ascending order of the experts. The same bits for
// all experts at once as for some of them after the others.
void add_tiled_experts(const at::Tensor& x, std::span<const ExpertRows> rows,
                       std::span<const ExpertMatrices> experts, const GateFunction& activation,
                       const at::Tensor& sum);

// The sum alone.
at::Tensor tiled_experts(const at::Tensor& x, std::span<const ExpertRows> rows,
                         std::span<const ExpertMatrices> experts, const GateFunction& activation);

}  // namespace alluvium
