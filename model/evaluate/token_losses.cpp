#include "model/evaluate/token_losses.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <ATen/ATen.h>

namespace alluvium {

TokenLosses::TokenLosses(std::span<const PredictedToken> tokens)
    : place_(tokens.size()), nats_(tokens.size(), std::numeric_limits<double>::quiet_NaN()) {
    std::iota(place_.begin(), place_.end(), std::size_t{0});
    std::ranges::stable_sort(place_, {}, [&](std::size_t i) { return tokens[i].row; });
    for (const std::size_t i : place_) tokens_.push_back(tokens[i]);
}

void TokenLosses::on_output(std::int64_t first_row, const at::Tensor& logits) {
    const auto begin = std::ranges::lower_bound(tokens_, first_row, {}, &PredictedToken::row);
    const auto end =
        std::ranges::lower_bound(tokens_, first_row + logits.size(0), {}, &PredictedToken::row);
    if (begin == end) return;
    std::vector<std::int64_t> rows, ids;
    for (auto token = begin; token != end; ++token) {
        rows.push_back(token->row - first_row);
        ids.push_back(token->id);
    }
    const at::TensorOptions type(at::kLong);
    const at::Tensor picked = logits.index_select(0, at::tensor(rows, type).to(logits.device()));
    const at::Tensor target = at::tensor(ids, type).to(logits.device()).unsqueeze(1);
    const at::Tensor nats = (at::logsumexp(picked, {1}) - picked.gather(1, target).squeeze(1))
                                .to(at::kCPU, at::kFloat)
                                .contiguous();
    const float* value = nats.const_data_ptr<float>();
    const auto first = static_cast<std::size_t>(begin - tokens_.begin());
    for (std::size_t i = 0; i < rows.size(); ++i) nats_[place_[first + i]] = value[i];
}

}  // namespace alluvium
