#include <cassert>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "model/forward/arithmetic.h"
#include "model/kernels/cpu/row_ops.h"
#include "model/kernels/cpu/tiled_product.h"

namespace alluvium {
namespace {

// Elements that are worth a thread: about 20 microseconds.
constexpr std::int64_t kElementsPerThread = 32'768;

GateFunction gate_function(Activation activation) {
    switch (activation) {
        case Activation::silu:
            return swish_product;
    }
    assert(false);
    return nullptr;
}

// A new tensor like x, each row [n] passed through change(row index, values in f32).
template <typename Change>
at::Tensor map_rows(const at::Tensor& x, std::int64_t n, Change&& change) {
    const at::Tensor in = x.contiguous();
    at::Tensor out = at::empty_like(in);
    const auto* from = static_cast<const std::byte*>(in.const_data_ptr());
    auto* to = static_cast<std::byte*>(out.mutable_data_ptr());
    const std::int64_t row_bytes = n * static_cast<std::int64_t>(in.element_size());
    const std::int64_t rows_at_once = std::max<std::int64_t>(1, kElementsPerThread / n);
    at::parallel_for(0, in.numel() / n, rows_at_once, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> values(static_cast<std::size_t>(n));
        for (std::int64_t row = begin; row < end; ++row) {
            load_row(from + row * row_bytes, in.scalar_type(), n, values.data());
            change(row, values.data());
            store_row(values.data(), n, in.scalar_type(), to + row * row_bytes);
        }
    });
    return out;
}

std::vector<ExpertRows> rows_by_expert(const Routing& routing, std::size_t experts) {
    std::vector<ExpertRows> rows(experts);
    const at::Tensor ids = routing.experts.contiguous();
    const at::Tensor weights = routing.weights.contiguous();
    const auto* id = ids.const_data_ptr<std::int32_t>();
    const auto* weight = weights.const_data_ptr<float>();
    const std::int64_t top_k = ids.size(1);
    for (std::int64_t pair = 0; pair < ids.numel(); ++pair) {
        ExpertRows& expert = rows[static_cast<std::size_t>(id[pair])];
        expert.rows.push_back(pair / top_k);
        expert.scale.push_back(weight[pair]);
    }
    return rows;
}

ExpertMatrices matrices(const FeedForwardWeights& weights) {
    return {weights.gate.weight, weights.up.weight, weights.down.weight};
}

class TiledArithmetic final : public Arithmetic {
  public:
    at::Tensor linear(const at::Tensor& x, const LinearWeights& weights) const override {
        return tiled_linear(x, weights.weight, weights.bias, x.scalar_type());
    }

    at::Tensor norm(const at::Tensor& x, const NormWeights& weights) const override {
        const at::Tensor weight = weights.weight.to(at::kFloat).contiguous();
        const auto* scale = weight.const_data_ptr<float>();
        const std::int64_t width = weight.numel();
        return map_rows(x, width, [&](std::int64_t, float* row) {
            rms_norm_row(row, scale, width, weights.epsilon);
        });
    }

    at::Tensor rotate(const at::Tensor& x, const RotaryTable& table) const override {
        const auto* cosine = table.cosine.const_data_ptr<float>();
        const auto* sine = table.sine.const_data_ptr<float>();
        const std::int64_t half = table.cosine.size(1);
        const std::int64_t heads = x.size(1);
        return map_rows(x, x.size(2), [&](std::int64_t row, float* values) {
            const std::int64_t token = row / heads;
            rotate_row(values, cosine + token * half, sine + token * half, half);
        });
    }

    at::Tensor feed_forward(const at::Tensor& x, const FeedForwardSpec& spec,
                            const FeedForwardWeights& weights) const override {
        // One expert that every row visits.
        ExpertRows all;
        for (std::int64_t row = 0; row < x.size(0); ++row) all.rows.push_back(row);
        all.scale.assign(all.rows.size(), 1.0F);
        const std::array rows = {std::move(all)};
        const std::array experts = {matrices(weights)};
        return tiled_experts(x, rows, experts, gate_function(spec.activation)).to(x.scalar_type());
    }

    at::Tensor experts(const at::Tensor& x, const Routing& routing, const MoeSpec& spec,
                       const MoeWeights& weights) const override {
        std::vector<ExpertMatrices> experts;
        for (const FeedForwardWeights& expert : weights.experts) {
            experts.push_back(matrices(expert));
        }
        const Activation activation = spec.experts.front().activation;
        return tiled_experts(x, rows_by_expert(routing, experts.size()), experts,
                             gate_function(activation))
            .to(x.scalar_type());
    }

    at::Tensor gated(const at::Tensor& x, const at::Tensor& gate) const override {
        const at::Tensor logits = gate.to(at::kFloat).contiguous();
        const auto* logit = logits.const_data_ptr<float>();
        const std::int64_t width = x.size(1);
        return map_rows(x, width, [&](std::int64_t row, float* values) {
            const float scale = 1.0F / (1.0F + std::exp(-logit[row]));
            for (std::int64_t i = 0; i < width; ++i) values[i] *= scale;
        });
    }
};

}  // namespace

std::shared_ptr<const Arithmetic> tiled_arithmetic() {
    return std::make_shared<TiledArithmetic>();
}

}  // namespace alluvium
