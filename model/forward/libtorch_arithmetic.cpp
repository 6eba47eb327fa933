#include <ATen/ATen.h>

#include "model/forward/arithmetic.h"

namespace alluvium {
namespace {

// The (token, rank) pairs of a routing, those of one expert side by side.
struct PairsByExpert {
    at::Tensor order;                  // [T k] pair at each sorted place; pair = token * k + rank
    std::vector<std::int64_t> counts;  // [E]
};

PairsByExpert sort_pairs(const Routing& routing) {
    const at::Tensor expert = routing.experts.flatten().to(at::kLong);
    const at::Tensor counts = routing.counts.to(at::kCPU, at::kLong).contiguous();
    const auto* begin = counts.const_data_ptr<std::int64_t>();
    return {at::argsort(expert, /*stable=*/true, /*dim=*/0, /*descending=*/false),
            {begin, begin + counts.numel()}};
}

class LibtorchArithmetic final : public Arithmetic {
  public:
    at::Tensor linear(const at::Tensor& x, const LinearWeights& weights) const override {
        return at::linear(x, weights.weight, weights.bias);
    }

    at::Tensor norm(const at::Tensor& x, const NormWeights& weights) const override {
        const at::Tensor wide = x.to(at::kFloat);
        const at::Tensor mean_square = wide.square().mean(-1, /*keepdim=*/true);
        return (wide * at::rsqrt(mean_square + weights.epsilon)).to(x.scalar_type()) *
               weights.weight;
    }

    at::Tensor rotate(const at::Tensor& x, const RotaryTable& table) const override {
        const std::int64_t half = x.size(-1) / 2;
        const at::Tensor first = x.narrow(-1, 0, half);
        const at::Tensor second = x.narrow(-1, half, half);
        const at::Tensor cosine = table.cosine.unsqueeze(1);
        const at::Tensor sine = table.sine.unsqueeze(1);
        return at::cat({first * cosine - second * sine, second * cosine + first * sine}, -1)
            .to(x.scalar_type());
    }

    at::Tensor gated(const at::Tensor& x, const at::Tensor& gate) const override {
        return x * at::sigmoid(gate);
    }

    at::Tensor feed_forward(const at::Tensor& x, const FeedForwardSpec& spec,
                            const FeedForwardWeights& weights) const override {
        at::Tensor gate = linear(x, weights.gate);
        switch (spec.activation) {
            case Activation::silu:
                gate = at::silu(gate);
                break;
        }
        return linear(gate * linear(x, weights.up), weights.down);
    }

    at::Tensor experts(const at::Tensor& x, const Routing& routing, const MoeSpec& spec,
                       const MoeWeights& weights) const override {
        const std::int64_t top_k = routing.experts.size(1);
        const PairsByExpert pairs = sort_pairs(routing);
        const at::Tensor scale =
            routing.weights.flatten().index_select(0, pairs.order).unsqueeze(1);
        at::Tensor input = x.index_select(0, pairs.order.floor_divide(top_k));
        if (spec.rule.weight_on_input) input = (input * scale).to(x.scalar_type());

        std::vector<at::Tensor> parts;
        std::int64_t begin = 0;
        for (std::size_t e = 0; e < pairs.counts.size(); ++e) {
            const std::int64_t count = pairs.counts[e];
            if (count == 0) continue;
            parts.push_back(
                feed_forward(input.narrow(0, begin, count), spec.experts[e], weights.experts[e]));
            begin += count;
        }
        at::Tensor output = at::cat(parts).to(at::kFloat);
        if (!spec.rule.weight_on_input) output = output * scale;
        // Back into the pairs' own order, then over the ranks: no two writes meet, so that the sum
        // is the same in every run.
        const at::Tensor place = at::argsort(pairs.order);
        return output.index_select(0, place)
            .view({x.size(0), top_k, x.size(1)})
            .sum(1)
            .to(x.scalar_type());
    }
};

}  // namespace

std::shared_ptr<const Arithmetic> libtorch_arithmetic() {
    return std::make_shared<LibtorchArithmetic>();
}

}  // namespace alluvium
