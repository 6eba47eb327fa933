#pragma once
#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "captures/trace_writer.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// Writes the mean residual stream of each prompt after each layer (captures/stream_means.h).
class MeansRecorder {
  public:
    // `special`: of the trace's rows; both must outlive it.
    MeansRecorder(TraceWriter& writer, std::span<const std::uint8_t> special)
        : writer_(writer), special_(special) {}

    // The next forward pass is `batch`, whose prompts start at `rows` of the trace and have the
    // numbers `prompts` there. No prompts: nothing of this pass counts.
    void begin(const TokenBatch& batch, std::span<const TokenPos> rows,
               std::span<const std::size_t> prompts);
    // [T, H] residual stream of the batch.
    void write(LayerId layer, const at::Tensor& hidden);

  private:
    // Of one prompt in the batch.
    struct Text {
        std::size_t prompt = 0;  // of the trace
        std::vector<std::int64_t> rows;  // of the batch, special tokens left out
    };

    TraceWriter& writer_;
    std::span<const std::uint8_t> special_;
    std::vector<Text> texts_;
};

}  // namespace alluvium
