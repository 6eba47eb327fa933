#include "tests/bench/prefill.h"

#include <random>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "model/checkpoint/checkpoint.h"
#include "model/families/family.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"
#include "tests/bench/measure.h"
#include "tests/bench/options.h"

namespace alluvium::bench {
namespace {

// Copies to host memory what a trace records; or nothing.
class CapturingObserver final : public RoutingObserver {
  public:
    CapturingObserver(bool captures, bool whole_stack)
        : captures_(captures), whole_stack_(whole_stack) {}

    bool wants_hidden() const override { return whole_stack_; }

    void on_routed(const RoutedBatch& batch) override {
        if (!captures_) return;
        for (const at::Tensor& part : {batch.logits, batch.experts, batch.weights, batch.margin}) {
            kept_.push_back(part.cpu().clone());
        }
    }
    void forget() { kept_.clear(); }

  private:
    bool captures_;
    bool whole_stack_;
    std::vector<at::Tensor> kept_;
};

TokenBatch random_batch(int tokens, std::int64_t vocab_size, int seed) {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    std::uniform_int_distribution<std::int64_t> id(3, vocab_size - 1);
    std::vector<std::int64_t> ids(static_cast<std::size_t>(tokens));
    for (std::int64_t& value : ids) value = id(random);
    TokenBatch batch;
    batch.append(ids);
    return batch;
}

}  // namespace

Json prefill(const std::vector<std::string>& words) {
    const Options options(words, {{"--tokens", true},
                                  {"--threads", true},
                                  {"--dtype", true},
                                  {"--repeats", true},
                                  {"--seed", true},
                                  {"--capture", false},
                                  {"--no-capture", false},
                                  {"--routing-only", false},
                                  {"--batch-invariant", false}});
    const int tokens = options.count("--tokens", 512);
    const int threads = options.count("--threads", 2);
    at::set_num_threads(threads);
    const CheckpointPtr checkpoint = Checkpoint::open(options.positional());
    const auto model =
        Model::load(*checkpoint, model_spec(*checkpoint),
                    resolve_compute("cpu", options.text("--dtype", "bf16"), *checkpoint));
    const TokenBatch batch =
        random_batch(tokens, model->spec().vocab_size, options.count("--seed", 1));
    const ForwardPass pass(model,
                           {.batch_invariant = options.has("--batch-invariant"), .route = {}});
    CapturingObserver observer(!options.has("--no-capture"), !options.has("--routing-only"));
    const Progress progress;
    const Measured measured = measure(options.count("--repeats", 5), [&] {
        observer.forget();
        pass.run(batch, observer, progress);
    });
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return {{"family", model->spec().family},
            {"layers", model->spec().layers.size()},
            {"tokens", tokens},
            {"threads", threads},
            {"dtype", dtype_word(model->dtype())},
            {"capture", !options.has("--no-capture")},
            {"whole_stack", !options.has("--routing-only")},
            {"tokens_per_second", tokens / median(measured.seconds)},
            {"seconds", measured.seconds},
            {"seconds_median", median(measured.seconds)},
            {"cpu_seconds", measured.cpu_seconds},
            {"cpu_seconds_median", median(measured.cpu_seconds)},
            {"minor_faults", usage.ru_minflt},
            {"peak_rss_bytes", static_cast<std::uint64_t>(usage.ru_maxrss) * 1024}};
}

}  // namespace alluvium::bench
