#include "model/capture/recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <ATen/ATen.h>

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

// -log p(next token) of the given rows, natural logarithm; where there is no next token, NaN, or
// with `greedy` that of the most likely one.
std::vector<float> next_token_nll(const at::Tensor& logits, std::span<const std::int64_t> next,
                                  bool greedy) {
    const at::Tensor target =
        at::tensor(at::ArrayRef<std::int64_t>(next.data(), next.size()), at::kLong)
            .clamp_min(0)
            .to(logits.device())
            .unsqueeze(1);
    const at::Tensor nll =
        on_host(at::logsumexp(logits, {1}) - logits.gather(1, target).squeeze(1), at::kFloat);
    const std::span<const float> values = floats(nll);
    std::vector<float> result(values.begin(), values.end());
    std::vector<float> likeliest;
    if (greedy) {
        const at::Tensor best =
            on_host(at::logsumexp(logits, {1}) - at::amax(logits, {1}), at::kFloat);
        likeliest.assign(floats(best).begin(), floats(best).end());
    }
    for (std::size_t i = 0; i < next.size(); ++i) {
        if (next[i] >= 0) continue;
        result[i] = greedy ? likeliest[i] : std::numeric_limits<float>::quiet_NaN();
    }
    return result;
}

}  // namespace

void Recorder::begin(const TokenBatch& batch, std::span<const TokenPos> rows,
                     std::span<const std::size_t> prompts) {
    stretches_.clear();
    rows_ = batch.tokens();
    for (std::size_t p = 0; p < batch.prompts(); ++p) {
        const std::int64_t count = batch.end(p) - batch.begin(p);
        Stretch* last = stretches_.empty() ? nullptr : &stretches_.back();
        if (last != nullptr && last->first + static_cast<TokenPos>(last->count) == rows[p]) {
            last->count += count;
        } else {
            stretches_.push_back({batch.begin(p), count, rows[p]});
        }
    }
    if (fields_.nll) next_ = next_tokens(batch);
    if (fields_.means) means_.begin(batch, rows, prompts);
}

template <typename T, typename Write>
void Recorder::write_rows(std::span<const T> values, std::size_t width, std::int64_t begin,
                          Write write) {
    const std::int64_t end = begin + static_cast<std::int64_t>(values.size() / width);
    for (const Stretch& stretch : stretches_) {
        const std::int64_t from = std::max(begin, stretch.row);
        const std::int64_t to = std::min(end, stretch.row + stretch.count);
        if (from >= to) continue;
        write(stretch.first + static_cast<TokenPos>(from - stretch.row),
              values.subspan(static_cast<std::size_t>(from - begin) * width,
                             static_cast<std::size_t>(to - from) * width));
    }
}

template <typename T, typename Write>
void Recorder::write_rows(std::span<const T> values, Write write) {
    write_rows(values, values.size() / static_cast<std::size_t>(rows_), 0, write);
}

void Recorder::on_routed(const RoutedBatch& batch) {
    const std::size_t routed = batch.routed;
    if (keeps_) {
        const auto k = static_cast<std::size_t>(batch.experts.size(1));
        choices_.resize(std::max(choices_.size(), routed + 1));
        choices_[routed] =
            Grid<ExpertId>(static_cast<std::size_t>(rows_), k, expert_ids(batch.experts));
    }
    if (fields_.experts) {
        const std::vector<ExpertId> ids = expert_ids(batch.experts);
        write_rows(std::span<const ExpertId>(ids),
                   [&](TokenPos first, std::span<const ExpertId> rows) {
                       writer_.write_experts(routed, first, rows);
                   });
        const at::Tensor margin = on_host(batch.margin, at::kFloat);
        write_rows(floats(margin), [&](TokenPos first, std::span<const float> rows) {
            writer_.write_margin(routed, first, rows);
        });
        for (const float m : floats(margin)) ties_ += m == 0.0F ? 1 : 0;
    }
    for (std::uint32_t draw = 0; draw < random_.draws(); ++draw) {
        const std::vector<ExpertId> ids = expert_ids(random_.experts(batch, draw));
        write_rows(std::span<const ExpertId>(ids),
                   [&](TokenPos first, std::span<const ExpertId> rows) {
                       writer_.write_random_experts(routed, draw, first, rows);
                   });
    }
    if (fields_.weights) {
        const at::Tensor weights = on_host(batch.weights, at::kFloat);
        write_rows(floats(weights), [&](TokenPos first, std::span<const float> rows) {
            writer_.write_weights(routed, first, rows);
        });
    }
    if (fields_.logits) {
        const at::Tensor logits = on_host(batch.logits, at::kFloat);
        write_rows(floats(logits), [&](TokenPos first, std::span<const float> rows) {
            writer_.write_logits(routed, first, rows);
        });
    }
}

void Recorder::on_hidden(LayerId layer, const at::Tensor& hidden) {
    if (fields_.means) means_.write(layer, hidden);
    if (!fields_.hidden) return;
    const at::Tensor host = on_host(hidden, at::kFloat);
    write_rows(floats(host), [&](TokenPos first, std::span<const float> rows) {
        writer_.write_hidden(layer, first, rows);
    });
}

void Recorder::on_output(std::int64_t first_row, const at::Tensor& logits) {
    const auto width = static_cast<std::size_t>(logits.size(1));
    if (fields_.output) {
        const at::Tensor host = on_host(logits, at::kFloat);
        write_rows(floats(host), width, first_row,
                   [&](TokenPos first, std::span<const float> rows) {
                       writer_.write_output_logits(first, rows);
                   });
    }
    if (fields_.nll) {
        const auto next = std::span<const std::int64_t>(next_).subspan(
            static_cast<std::size_t>(first_row), static_cast<std::size_t>(logits.size(0)));
        const std::vector<float> nll = next_token_nll(logits, next, greedy_);
        write_rows(
            std::span<const float>(nll), 1, first_row,
            [&](TokenPos first, std::span<const float> rows) { writer_.write_nll(first, rows); });
    }
}

}  // namespace alluvium
