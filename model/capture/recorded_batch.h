#pragma once
#include "base/progress.h"
#include "model/capture/recorder.h"

namespace alluvium {

// A batch on its way through the model: records it and counts its tokens layer by layer, because a
// chunk of a model that streams takes minutes.
class RecordedBatch final : public RoutingObserver {
  public:
    RecordedBatch(TokenBatch batch, Recorder recorder, std::size_t routed_layers,
                  Progress& progress)
        : batch_(std::move(batch)),
          recorder_(std::move(recorder)),
          routed_layers_(routed_layers),
          progress_(progress) {}

    // As Recorder::begin.
    void begin(std::span<const TokenPos> rows, std::span<const std::size_t> prompts) {
        recorder_.begin(batch_, rows, prompts);
    }

    const TokenBatch& batch() const { return batch_; }
    const Recorder& recorder() const { return recorder_; }
    std::uint64_t counted() const { return counted_; }

    bool wants_hidden() const override { return recorder_.wants_hidden(); }
    bool wants_output() const override { return recorder_.wants_output(); }
    void on_routed(const RoutedBatch& routed) override {
        recorder_.on_routed(routed);
        const auto tokens = static_cast<std::uint64_t>(batch_.tokens());
        const std::uint64_t now = tokens * (routed.routed + 1) / routed_layers_;
        progress_.advance(now - counted_);
        counted_ = now;
    }
    void on_hidden(LayerId layer, const at::Tensor& hidden) override {
        recorder_.on_hidden(layer, hidden);
    }
    void on_output(std::int64_t first_row, const at::Tensor& logits) override {
        recorder_.on_output(first_row, logits);
    }

  private:
    TokenBatch batch_;
    Recorder recorder_;
    std::size_t routed_layers_;
    Progress& progress_;
    std::uint64_t counted_ = 0;
};

}  // namespace alluvium
