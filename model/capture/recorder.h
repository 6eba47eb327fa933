#pragma once
#include <vector>

#include "captures/trace_writer.h"
#include "model/capture/capture.h"
#include "model/forward/routing_observer.h"
#include "model/capture/random_routers.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// Hands what a forward pass shows to a TraceWriter, batch after batch.
class Recorder : public RoutingObserver {
  public:
    Recorder(TraceWriter& writer, const RecordFields& fields, RandomRouters random)
        : writer_(writer), fields_(fields), random_(std::move(random)) {}

    // The next forward pass is `batch`, whose first token is row `first` of the trace.
    void begin(const TokenBatch& batch, TokenPos first);
    std::uint64_t ties() const { return ties_; }

    bool wants_hidden() const override { return fields_.hidden; }
    bool wants_output() const override { return fields_.output || fields_.nll; }
    void on_routed(const RoutedBatch& batch) override;
    void on_hidden(LayerId layer, const at::Tensor& hidden) override;
    void on_output(std::int64_t first_row, const at::Tensor& logits) override;

  private:
    TraceWriter& writer_;
    RecordFields fields_;
    RandomRouters random_;
    std::vector<std::int64_t> next_;  // [T] of the batch, where nll is recorded
    TokenPos first_ = 0;
    std::uint64_t ties_ = 0;
};

}  // namespace alluvium
