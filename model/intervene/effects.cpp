#include "model/intervene/effects.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

namespace alluvium {
namespace {

at::Tensor host(const at::Tensor& values) {
    return values.to(at::kCPU, at::kDouble).contiguous();
}

}  // namespace

void BasePredictions::on_hidden(LayerId layer, const at::Tensor& hidden) {
    if (layer + 1 == keep_before_) hidden_ = hidden.clone();
}

void BasePredictions::on_output(std::int64_t first_row, const at::Tensor& logits) {
    first_rows_.push_back(first_row);
    log_p_.push_back(logits.log_softmax(1));
}

const at::Tensor& BasePredictions::log_p(std::int64_t first_row) const {
    const auto place = std::ranges::find(first_rows_, first_row) - first_rows_.begin();
    return log_p_.at(static_cast<std::size_t>(place));
}

void EffectObserver::on_output(std::int64_t first_row, const at::Tensor& logits) {
    const auto rows = static_cast<std::size_t>(logits.size(0));
    const std::span<const std::int64_t> next =
        next_.subspan(static_cast<std::size_t>(first_row), rows);
    const at::Tensor target = at::tensor(at::ArrayRef<std::int64_t>(next.data(), rows), at::kLong)
                                  .clamp_min(0)
                                  .to(logits.device())
                                  .unsqueeze(1);
    const at::Tensor& before = base_.log_p(first_row);
    const at::Tensor after = logits.log_softmax(1);
    const at::Tensor lost = before - after;
    const at::Tensor nll = host(lost.gather(1, target).squeeze(1));
    const at::Tensor kl = host(before.exp().mul_(lost).sum(1, /*keepdim=*/false, at::kDouble));
    const at::Tensor top1 = host(before.argmax(1).ne(after.argmax(1)));
    for (std::size_t i = 0; i < rows; ++i) {
        const double change = nll.const_data_ptr<double>()[i];
        const double divergence = kl.const_data_ptr<double>()[i];
        if (next[i] < 0 || !std::isfinite(change) || !std::isfinite(divergence)) continue;
        effects_[static_cast<std::size_t>(first_row) + i] =
            TokenEffect{change, divergence, top1.const_data_ptr<double>()[i] != 0};
    }
}

}  // namespace alluvium
