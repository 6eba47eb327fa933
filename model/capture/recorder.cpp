#include "model/capture/recorder.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>
#include <span>

namespace alluvium {
namespace {

at::Tensor on_host(const at::Tensor& tensor, at::ScalarType type) {
    return tensor.to(at::kCPU, type).contiguous();
}

std::span<const float> floats(const at::Tensor& host) {
    return {host.const_data_ptr<float>(), static_cast<std::size_t>(host.numel())};
}

std::vector<ExpertId> expert_ids(const at::Tensor& experts) {
    const at::Tensor host = on_host(experts, at::kInt);
    const auto* from = host.const_data_ptr<std::int32_t>();
    return {from, from + host.numel()};
}

// [T] the token after each row of the batch; the last row of a prompt has none and gets -1.
std::vector<std::int64_t> next_tokens(const TokenBatch& batch) {
    std::vector<std::int64_t> next(batch.ids.size(), -1);
    for (std::size_t p = 0; p < batch.prompts(); ++p) {
        for (std::int64_t t = batch.begin(p); t + 1 < batch.end(p); ++t) {
            next[static_cast<std::size_t>(t)] = batch.ids[static_cast<std::size_t>(t + 1)];
        }
    }
    return next;
}

// -log p(next token) of the given rows, natural logarithm; NaN where there is no next token.
std::vector<float> next_token_nll(const at::Tensor& logits, std::span<const std::int64_t> next) {
    const at::Tensor target = at::tensor(at::ArrayRef<std::int64_t>(next.data(), next.size()), at::kLong)
                                  .clamp_min(0)
                                  .to(logits.device())
                                  .unsqueeze(1);
    const at::Tensor nll = on_host(at::logsumexp(logits, {1}) - logits.gather(1, target).squeeze(1),
                                   at::kFloat);
    const std::span<const float> values = floats(nll);
    std::vector<float> result(values.begin(), values.end());
    for (std::size_t i = 0; i < next.size(); ++i) {
        if (next[i] < 0) result[i] = std::numeric_limits<float>::quiet_NaN();
    }
    return result;
}

}  // namespace

void Recorder::begin(const TokenBatch& batch, TokenPos first) {
    first_ = first;
    if (fields_.nll) next_ = next_tokens(batch);
}

void Recorder::on_routed(const RoutedBatch& batch) {
    const std::size_t routed = batch.routed;
    if (fields_.experts) {
        writer_.write_experts(routed, first_, expert_ids(batch.experts));
        const at::Tensor margin = on_host(batch.margin, at::kFloat);
        writer_.write_margin(routed, first_, floats(margin));
        for (const float m : floats(margin)) ties_ += m == 0.0F ? 1 : 0;
    }
    for (std::uint32_t draw = 0; draw < random_.draws(); ++draw) {
        writer_.write_random_experts(routed, draw, first_,
                                     expert_ids(random_.experts(batch, draw)));
    }
    if (fields_.weights) {
        writer_.write_weights(routed, first_, floats(on_host(batch.weights, at::kFloat)));
    }
    if (fields_.logits) {
        writer_.write_logits(routed, first_, floats(on_host(batch.logits, at::kFloat)));
    }
}

void Recorder::on_hidden(LayerId layer, const at::Tensor& hidden) {
    writer_.write_hidden(layer, first_, floats(on_host(hidden, at::kFloat)));
}

void Recorder::on_output(std::int64_t first_row, const at::Tensor& logits) {
    const TokenPos first = first_ + static_cast<TokenPos>(first_row);
    if (fields_.output) writer_.write_output_logits(first, floats(on_host(logits, at::kFloat)));
    if (fields_.nll) {
        const auto next = std::span<const std::int64_t>(next_).subspan(
            static_cast<std::size_t>(first_row), static_cast<std::size_t>(logits.size(0)));
        writer_.write_nll(first, next_token_nll(logits, next));
    }
}

}  // namespace alluvium
