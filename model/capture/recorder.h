#pragma once
#include <span>
#include <vector>

#include "captures/trace_writer.h"
#include "model/capture/capture.h"
#include "model/capture/means_recorder.h"
#include "model/capture/random_routers.h"
#include "model/forward/routing_observer.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// Hands what a forward pass shows to a TraceWriter, batch after batch.
class Recorder : public RoutingObserver {
  public:
    // `special`: of the trace's rows; must outlive it.
    Recorder(TraceWriter& writer, const RecordFields& fields, RandomRouters random,
             std::span<const std::uint8_t> special)
        : writer_(writer), fields_(fields), random_(std::move(random)), means_(writer, special) {}

    // The next forward pass is `batch`, each of whose prompts starts at a row of the trace. [P]
    // `prompts`: their numbers there, where the pass holds them from their first token; or empty.
    void begin(const TokenBatch& batch, std::span<const TokenPos> rows,
               std::span<const std::size_t> prompts);
    // The most likely token is the one that follows where the batch ends: its nll is recorded.
    void expect_greedy() { greedy_ = true; }
    // Keeps what the last pass chose. [routed layers][rows of the batch, k]
    void keep_choices() { keeps_ = true; }
    const std::vector<Grid<ExpertId>>& choices() const { return choices_; }
    std::uint64_t ties() const { return ties_; }

    bool wants_hidden() const override { return fields_.hidden || fields_.means; }
    bool wants_output() const override { return fields_.output || fields_.nll; }
    void on_routed(const RoutedBatch& batch) override;
    void on_hidden(LayerId layer, const at::Tensor& hidden) override;
    void on_output(std::int64_t first_row, const at::Tensor& logits) override;

  private:
    // Rows of the batch that lie side by side in the trace, too.
    struct Stretch {
        std::int64_t row = 0;  // of the batch
        std::int64_t count = 0;
        TokenPos first = 0;  // of the trace
    };

    // Each stretch's part of `values`, which has `width` values for each row from `begin` on.
    template <typename T, typename Write>
    void write_rows(std::span<const T> values, std::size_t width, std::int64_t begin, Write write);
    template <typename T, typename Write>
    void write_rows(std::span<const T> values, Write write);

    TraceWriter& writer_;
    RecordFields fields_;
    RandomRouters random_;
    MeansRecorder means_;
    std::vector<std::int64_t> next_;  // [T] of the batch, where nll is recorded
    std::vector<Stretch> stretches_;
    std::int64_t rows_ = 0;  // of the batch
    bool greedy_ = false, keeps_ = false;
    std::vector<Grid<ExpertId>> choices_;
    std::uint64_t ties_ = 0;
};

}  // namespace alluvium
