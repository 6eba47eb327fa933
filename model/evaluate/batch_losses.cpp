#include "model/evaluate/batch_losses.h"

#include <deque>

namespace alluvium {
namespace {

// A batch on its way. Its tokens are counted layer by layer: a chunk of a model that streams takes
// minutes.
class RunningBatch final : public RoutingObserver {
  public:
    RunningBatch(LossBatch batch, ForwardPass pass, std::uint64_t layers, Progress& progress)
        : batch_(std::move(batch)),
          pass_(std::move(pass)),
          losses_(batch_.predicted),
          layers_(layers),
          progress_(progress) {}

    WatchedBatch watched() {
        return {.batch = batch_.tokens, .observer = *this, .memories = {}, .pass = &pass_};
    }
    const std::vector<double>& nats() const { return losses_.nats(); }

    bool wants_hidden() const override { return true; }
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_hidden(LayerId layer, const at::Tensor&) override {
        const auto tokens = static_cast<std::uint64_t>(batch_.tokens.tokens());
        const std::uint64_t now = tokens * static_cast<std::uint64_t>(layer + 1) / layers_;
        progress_.advance(now - counted_);
        counted_ = now;
    }
    void on_output(std::int64_t first_row, const at::Tensor& logits) override {
        losses_.on_output(first_row, logits);
    }

  private:
    LossBatch batch_;
    ForwardPass pass_;
    TokenLosses losses_;
    std::uint64_t layers_;
    Progress& progress_;
    std::uint64_t counted_ = 0;
};

}  // namespace

std::vector<std::vector<double>> batch_losses(const Engine& engine, const LanguagePass& passes,
                                              const LossBatches& batches, Progress& progress) {
    std::uint64_t total = 0;
    for (const BatchSize& size : batches.sizes) total += size.tokens;
    progress.start(total);
    const ForwardPass forward(engine.model);
    const std::uint64_t layers = engine.model->spec().layers.size();
    std::vector<std::vector<double>> losses;
    for (const std::size_t end : plan_chunks(engine, batches.sizes, /*output=*/true)) {
        std::deque<RunningBatch> running;
        std::vector<WatchedBatch> watched;
        for (std::size_t b = losses.size(); b < end; ++b) {
            LossBatch batch = batches.make(b);
            ForwardPass pass = passes.pass_for(batch.language);
            watched.push_back(
                running.emplace_back(std::move(batch), std::move(pass), layers, progress)
                    .watched());
        }
        forward.run(watched, progress);
        for (const RunningBatch& batch : running) losses.push_back(batch.nats());
    }
    return losses;
}

}  // namespace alluvium
