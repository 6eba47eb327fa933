#include "model/train/differentiable.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "model/train/grouped_feed_forward.h"
#include "model/train/row_kernels.h"

namespace alluvium {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// Elements of the logits that exist at a time: 16 MB in f32, small enough to be kept by the
// allocator.
constexpr std::int64_t kLogitsAtOnce = 4'000'000;

// bf16 products go through oneDNN, which makes a kernel for every new number of rows: rounded
// numbers come again, so that the kernels of earlier steps are found in its cache.
std::int64_t row_multiple(at::ScalarType narrow) {
    return narrow == at::kBFloat16 ? 64 : 1;
}

struct RmsNorm : Function<RmsNorm> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                              double epsilon, std::int64_t narrow) {
        NormResult result = rms_norm_rows(x, weight, epsilon, static_cast<at::ScalarType>(narrow));
        ctx->save_for_backward({x, weight, result.inverse});
        return result.out;
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        auto [dx, dweight] = rms_norm_rows_backward(gradients[0], saved[0], saved[1], saved[2]);
        return {dx, dweight, {}, {}};
    }
};

struct Rotate : Function<Rotate> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& cosine,
                              const at::Tensor& sine) {
        ctx->save_for_backward({cosine, sine});
        return rotate_rows(x, cosine, sine, 1);
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        return {rotate_rows(gradients[0], saved[0], saved[1], -1), {}, {}};
    }
};

void keep(AutogradContext* ctx, Activation activation) {
    ctx->saved_data["activation"] = static_cast<std::int64_t>(activation);
}

Activation kept_activation(AutogradContext* ctx) {
    return static_cast<Activation>(ctx->saved_data["activation"].toInt());
}

// A stack of one over all rows; no rows move.
struct DenseFeedForward : Function<DenseFeedForward> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& gate_up,
                              const at::Tensor& down, Activation activation) {
        const GroupedFeedForward group({gate_up, down, activation}, x.scalar_type());
        const std::vector<std::int64_t> begin = {0, x.size(0)};
        const GroupedForward result = group.forward(x, begin);
        ctx->save_for_backward({x, result.hidden, group.stack().gate_up, group.stack().down});
        keep(ctx, activation);
        return result.out.to(gate_up.scalar_type());
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        const GroupedFeedForward group({saved[2], saved[3], kept_activation(ctx)},
                                       saved[0].scalar_type());
        const std::vector<std::int64_t> begin = {0, saved[0].size(0)};
        const at::Tensor dy = gradients[0].to(saved[0].scalar_type()).contiguous();
        GroupedBackward result =
            group.backward(dy, saved[0], saved[1], begin, gradients[0].scalar_type());
        return {result.x, result.gate_up, result.down, {}};
    }
};

struct RoutedFeedForward : Function<RoutedFeedForward> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& experts,
                              const at::Tensor& weights, const at::Tensor& gate_up,
                              const at::Tensor& down, Activation activation) {
        const at::Tensor applied = weights.contiguous();
        const PairPlaces places =
            group_by_expert(experts, gate_up.size(0), row_multiple(x.scalar_type()));
        const GroupedFeedForward group({gate_up, down, activation}, x.scalar_type());
        const at::Tensor rows = spread_rows(x, places, x.scalar_type());
        const GroupedForward result = group.forward(rows, places.begin);
        ctx->save_for_backward({rows, result.hidden, result.out, group.stack().gate_up,
                                group.stack().down, applied, experts});
        keep(ctx, activation);
        return collect_rows(result.out, places, gate_up.scalar_type(), applied);
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        const at::Tensor& rows = saved[0];
        const at::ScalarType narrow = rows.scalar_type();
        const GroupedFeedForward group({saved[3], saved[4], kept_activation(ctx)}, narrow);
        const PairPlaces places = group_by_expert(saved[6], saved[3].size(0), row_multiple(narrow));
        const at::Tensor dweights = dot_rows(gradients[0], saved[2], places);
        const at::Tensor dy = spread_rows(gradients[0], places, narrow, saved[5]);
        GroupedBackward result =
            group.backward(dy, rows, saved[1], places.begin, gradients[0].scalar_type());
        return {
            collect_rows(result.x, places, narrow), {}, dweights, result.gate_up, result.down, {}};
    }
};

struct LinearCrossEntropy : Function<LinearCrossEntropy> {
    static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& output,
                              const at::Tensor& targets, bool with_gradients) {
        const at::ScalarType narrow = x.scalar_type();
        const at::Tensor weight = output.to(narrow);
        const std::int64_t rows = x.size(0);
        const std::int64_t at_once = std::max<std::int64_t>(1, kLogitsAtOnce / output.size(0));
        at::Tensor loss = at::zeros({}, output.options());
        at::Tensor dx, dweight;
        if (with_gradients) {
            dx = at::empty_like(x);
            dweight = at::zeros_like(output);
        }
        for (std::int64_t begin = 0; begin < rows; begin += at_once) {
            const std::int64_t count = std::min(at_once, rows - begin);
            const at::Tensor part = x.narrow(0, begin, count);
            const at::Tensor target = targets.narrow(0, begin, count).unsqueeze(1);
            const at::Tensor logits = at::mm(part, weight.t()).to(output.scalar_type());
            at::Tensor log_p = at::log_softmax(logits, 1);
            loss -= log_p.gather(1, target).sum();
            if (!with_gradients) continue;
            at::Tensor dlogits = log_p.exp_();
            dlogits.scatter_add_(1, target, at::full_like(target, -1, dlogits.options()));
            dlogits = dlogits.div_(static_cast<double>(rows)).to(narrow);
            at::Tensor dpart = dx.narrow(0, begin, count);
            at::mm_out(dpart, dlogits, weight);
            dweight += at::mm(dlogits.t(), part);
        }
        if (with_gradients) ctx->save_for_backward({dx, dweight});
        return loss / static_cast<double>(rows);
    }
    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        return {
            saved[0] * gradients[0].to(saved[0].scalar_type()), saved[1] * gradients[0], {}, {}};
    }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const NormWeights& weights, at::ScalarType narrow) {
    return RmsNorm::apply(x, weights.weight, weights.epsilon, static_cast<std::int64_t>(narrow));
}

at::Tensor rotate(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    return Rotate::apply(x, cosine, sine);
}

at::Tensor dense_feed_forward(const at::Tensor& x, const FeedForwardStack& stack) {
    return DenseFeedForward::apply(x, stack.gate_up, stack.down, stack.activation);
}

at::Tensor routed_feed_forward(const at::Tensor& x, const at::Tensor& experts,
                               const at::Tensor& weights, const FeedForwardStack& stack) {
    return RoutedFeedForward::apply(x, experts, weights, stack.gate_up, stack.down,
                                    stack.activation);
}

at::Tensor linear_cross_entropy(const at::Tensor& x, const at::Tensor& output,
                                const at::Tensor& targets) {
    const bool with_gradients =
        at::GradMode::is_enabled() && (x.requires_grad() || output.requires_grad());
    return LinearCrossEntropy::apply(x, output, targets, with_gradients);
}

}  // namespace alluvium
