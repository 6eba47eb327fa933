#include "model/capture/means_recorder.h"

#include <ATen/ATen.h>

#include <limits>

namespace alluvium {
namespace {

// [H] of the rows. Prompt by prompt, so that a prompt's mean has the same
// bits whatever it shares its batch with.
at::Tensor mean_of(const at::Tensor& unit, const std::vector<std::int64_t>& rows) {
    if (rows.empty()) return at::full({unit.size(1)}, std::numeric_limits<float>::quiet_NaN());
    const std::int64_t count = rows.back() - rows.front() + 1;
    const at::Tensor block = unit.narrow(0, rows.front(), count);
    if (count == static_cast<std::int64_t>(rows.size())) return block.mean(0);
    const at::Tensor index = at::tensor(at::ArrayRef<std::int64_t>(rows), at::kLong);
    return unit.index_select(0, index.to(unit.device())).mean(0);
}

}  // namespace

void MeansRecorder::begin(const TokenBatch& batch, std::span<const TokenPos> rows,
                          std::span<const std::size_t> prompts) {
    texts_.clear();
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        Text text{.prompt = prompts[p], .rows = {}};
        for (std::int64_t t = batch.begin(p); t < batch.end(p); ++t) {
            const TokenPos row = rows[p] + static_cast<TokenPos>(t - batch.begin(p));
            if (special_[row] == 0) text.rows.push_back(t);
        }
        texts_.push_back(std::move(text));
    }
}

void MeansRecorder::write(LayerId layer, const at::Tensor& hidden) {
    if (texts_.empty()) return;
    const at::Tensor stream = hidden.to(at::kFloat);
    const at::Tensor unit = stream * stream.square().mean(1, true).rsqrt();
    for (const Text& text : texts_) {
        const at::Tensor mean = mean_of(unit, text.rows).to(at::kCPU).contiguous();
        writer_.write_stream_means(layer, text.prompt,
                                   {mean.const_data_ptr<float>(),
                                    static_cast<std::size_t>(mean.numel())});
    }
}

}  // namespace alluvium
