#include <ATen/ATen.h>

#include "model/forward/activation.h"
#include "model/forward/arithmetic.h"
#include "model/forward/expert_stack.h"

namespace alluvium {
namespace {

// The (token, rank) pairs of a routing, those of one expert side by side: the pair at each sorted
// place, pair = token * k + rank. [T k]
at::Tensor pairs_by_expert(const Routing& routing) {
    return at::argsort(routing.experts.flatten(), /*stable=*/true, /*dim=*/0, /*descending=*/false);
}

class LibtorchArithmetic final : public Arithmetic {
  public:
    at::Tensor linear(const at::Tensor& x, const LinearWeights& weights) const override {
        return at::linear(x, weights.weight, weights.bias);
    }

    at::Tensor norm(const at::Tensor& x, const NormWeights& weights) const override {
        if (weights.kind == NormKind::none) return x;
        const at::Tensor wide = x.to(at::kFloat);
        if (weights.kind == NormKind::layer) {
            const at::Tensor bias =
                weights.bias.defined() ? weights.bias.to(at::kFloat) : at::Tensor();
            return at::layer_norm(wide, weights.weight.sizes(), weights.weight.to(at::kFloat), bias,
                                  weights.epsilon)
                .to(x.scalar_type());
        }
        const at::Tensor mean_square = wide.square().mean(-1, /*keepdim=*/true);
        const at::Tensor scaled = wide * at::rsqrt(mean_square + weights.epsilon);
        return (scaled.to(weights.weight.scalar_type()) * weights.weight).to(x.scalar_type());
    }

    at::Tensor rotate(const at::Tensor& x, const RotaryTable& table) const override {
        const std::int64_t half = table.cosine.size(1);
        const at::Tensor first = x.narrow(-1, 0, half);
        const at::Tensor second = x.narrow(-1, half, half);
        const at::Tensor still = x.narrow(-1, 2 * half, x.size(-1) - 2 * half);
        const at::Tensor cosine = table.cosine.unsqueeze(1);
        const at::Tensor sine = table.sine.unsqueeze(1);
        return at::cat({first * cosine - second * sine, second * cosine + first * sine, still}, -1)
            .to(x.scalar_type());
    }

    at::Tensor gated(const at::Tensor& x, const at::Tensor& gate) const override {
        return x * at::sigmoid(gate);
    }

    at::Tensor feed_forward(const at::Tensor& x, const FeedForwardSpec& spec,
                            const FeedForwardWeights& weights) const override {
        const at::Tensor up = spec.gated ? linear(x, weights.up) : at::Tensor();
        return linear(activate(linear(x, weights.gate), up, spec), weights.down);
    }

    at::Tensor experts(const at::Tensor& x, const Routing& routing, const MoeSpec& spec,
                       const MoeWeights& weights) const override {
        const std::int64_t top_k = routing.experts.size(1);
        const at::Tensor pairs = pairs_by_expert(routing);
        const at::Tensor scale = routing.weights.flatten().index_select(0, pairs).unsqueeze(1);
        at::Tensor input = x.index_select(0, pairs.floor_divide(top_k));
        if (spec.rule.weight_on_input) input = (input * scale).to(x.scalar_type());
        at::Tensor output = by_expert(input, routing.counts, spec, weights).to(at::kFloat);
        if (!spec.rule.weight_on_input) output = output * scale;
        // Back into the pairs' own order, then over the ranks: no two writes meet, so that the sum
        // is the same in every run.
        const at::Tensor place = at::argsort(pairs);
        return output.index_select(0, place)
            .view({x.size(0), top_k, x.size(1)})
            .sum(1)
            .to(x.scalar_type());
    }

  private:
    // Rows of the same expert side by side, `counts` [E] of each, through their experts.
    at::Tensor by_expert(const at::Tensor& rows, const at::Tensor& counts, const MoeSpec& spec,
                         const MoeWeights& weights) const {
        if (const auto stack = expert_stack(weights.experts)) {
            const at::Tensor ends = counts.cumsum(0, at::kInt);
            return grouped_feed_forward(rows, ends, spec.experts.front(), *stack);
        }
        const at::Tensor host = counts.to(at::kCPU, at::kInt).contiguous();
        const auto* count = host.const_data_ptr<std::int32_t>();
        std::vector<at::Tensor> parts;
        std::int64_t begin = 0;
        for (std::size_t e = 0; e < spec.experts.size(); ++e) {
            if (count[e] == 0) continue;
            parts.push_back(
                feed_forward(rows.narrow(0, begin, count[e]), spec.experts[e], weights.expert(e)));
            begin += count[e];
        }
        return at::cat(parts);
    }
};

}  // namespace

std::shared_ptr<const Arithmetic> libtorch_arithmetic() {
    return std::make_shared<LibtorchArithmetic>();
}

}  // namespace alluvium
