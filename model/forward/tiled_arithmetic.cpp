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

GateFunction gate_function(const FeedForwardSpec& spec) {
    switch (spec.activation) {
        case Activation::silu:
            return swish_product;
        case Activation::gelu:
            return gelu_product;
        case Activation::gelu_tanh:
            return gelu_tanh_product;
        case Activation::clamped_swiglu:
            return [limit = static_cast<float>(spec.limit), alpha = static_cast<float>(spec.alpha)](
                       const float* gate, const float* up, std::int64_t n, float* out) {
                clamped_swish_product(gate, up, n, limit, alpha, out);
            };
    }
    assert(false);
    return {};
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

// The same with the (token, rank) pairs as rows, unscaled.
std::vector<ExpertRows> pairs_by_expert(const Routing& routing, std::size_t experts) {
    std::vector<ExpertRows> rows(experts);
    const at::Tensor ids = routing.experts.contiguous();
    const auto* id = ids.const_data_ptr<std::int32_t>();
    for (std::int64_t pair = 0; pair < ids.numel(); ++pair) {
        ExpertRows& expert = rows[static_cast<std::size_t>(id[pair])];
        expert.rows.push_back(pair);
        expert.scale.push_back(1.0F);
    }
    return rows;
}

at::Tensor wide(const at::Tensor& vector) {
    return vector.defined() ? vector.to(at::kFloat).contiguous() : at::Tensor();
}

ExpertMatrices matrices(const FeedForwardWeights& weights) {
    return {weights.gate.weight,     weights.up.weight,     weights.down.weight,
            wide(weights.gate.bias), wide(weights.up.bias), wide(weights.down.bias)};
}

// [rows of x, H] f32. Experts that have to be decoded are taken one by one.
at::Tensor expert_sum(const at::Tensor& x, std::span<const ExpertRows> rows,
                      const MoeWeights& weights, const GateFunction& gate) {
    if (!weights.decoded) {
        std::vector<ExpertMatrices> experts;
        for (const FeedForwardWeights& expert : weights.experts) {
            experts.push_back(matrices(expert));
        }
        return tiled_experts(x, rows, experts, gate);
    }
    const at::Tensor sum = at::zeros(x.sizes(), x.options().dtype(at::kFloat));
    for (std::size_t e = 0; e < rows.size(); ++e) {
        if (rows[e].rows.empty()) continue;
        const std::array expert = {matrices(weights.expert(e))};
        add_tiled_experts(x, rows.subspan(e, 1), expert, gate, sum);
    }
    return sum;
}

class TiledArithmetic final : public Arithmetic {
  public:
    at::Tensor linear(const at::Tensor& x, const LinearWeights& weights) const override {
        return tiled_linear(x, weights.weight, weights.bias, x.scalar_type());
    }

    at::Tensor norm(const at::Tensor& x, const NormWeights& weights) const override {
        if (weights.kind == NormKind::none) return x;
        const at::Tensor weight = wide(weights.weight);
        const auto* scale = weight.const_data_ptr<float>();
        const std::int64_t width = weight.numel();
        if (weights.kind == NormKind::layer) {
            const at::Tensor bias = wide(weights.bias);
            const auto* offset = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
            return map_rows(x, width, [&](std::int64_t, float* row) {
                layer_norm_row(row, scale, offset, width, weights.epsilon);
            });
        }
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
        if (!spec.gated) return ungated(x, spec, weights);
        // One expert that every row visits.
        ExpertRows all;
        for (std::int64_t row = 0; row < x.size(0); ++row) all.rows.push_back(row);
        all.scale.assign(all.rows.size(), 1.0F);
        const std::array rows = {std::move(all)};
        const std::array experts = {matrices(weights)};
        return tiled_experts(x, rows, experts, gate_function(spec)).to(x.scalar_type());
    }

    at::Tensor experts(const at::Tensor& x, const Routing& routing, const MoeSpec& spec,
                       const MoeWeights& weights) const override {
        const std::size_t experts = spec.experts.size();
        const GateFunction gate = gate_function(spec.experts.front());
        if (!spec.rule.weight_on_input) {
            return expert_sum(x, rows_by_expert(routing, experts), weights, gate)
                .to(x.scalar_type());
        }
        // A row of its own for every chosen expert, scaled before it; then over the ranks.
        const at::Tensor scaled =
            (x.unsqueeze(1) * routing.weights.unsqueeze(2)).to(x.scalar_type());
        return expert_sum(scaled.flatten(0, 1), pairs_by_expert(routing, experts), weights, gate)
            .view(scaled.sizes())
            .sum(1)
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

  private:
    at::Tensor ungated(const at::Tensor& x, const FeedForwardSpec& spec,
                       const FeedForwardWeights& weights) const {
        const at::Tensor gate = tiled_linear(x, weights.gate.weight, weights.gate.bias, at::kFloat);
        const std::vector<float> ones(static_cast<std::size_t>(gate.size(1)), 1.0F);
        const GateFunction activation = gate_function(spec);
        const at::Tensor hidden = map_rows(gate, gate.size(1), [&](std::int64_t, float* row) {
            const std::vector<float> before(row, row + ones.size());
            activation(before.data(), ones.data(), std::ssize(ones), row);
        });
        return tiled_linear(hidden, weights.down.weight, weights.down.bias, x.scalar_type());
    }
};

}  // namespace

std::shared_ptr<const Arithmetic> tiled_arithmetic() {
    return std::make_shared<TiledArithmetic>();
}

}  // namespace alluvium
