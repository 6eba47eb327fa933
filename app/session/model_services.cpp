#include "app/session/model_services.h"

#include <algorithm>
#include <memory>

#include "model/capture/capture.h"
#include "model/checkpoint/checkpoint.h"
#include "model/families/inspect.h"

namespace alluvium {
namespace {

CheckpointSummary describe(const std::filesystem::path& folder) {
    const Inspection inspection = inspect(*Checkpoint::open(folder));
    CheckpointSummary summary{.name = inspection.name,
                              .family = inspection.family,
                              .router = {},
                              .layers = static_cast<int>(inspection.layers.size()),
                              .parameters = inspection.parameters_total,
                              .bytes_on_disk = inspection.bytes_on_disk,
                              .memory_needed = inspection.memory_needed,
                              .problems = {}};
    for (const InspectedLayer& layer : inspection.layers) {
        if (!layer.routed) continue;
        if (summary.routed_layers++ > 0) continue;
        summary.experts = layer.experts;
        summary.top_k = layer.top_k;
    }
    if (inspection.router) summary.router = sentence(*inspection.router);
    for (const InspectionProblem& problem : inspection.problems) {
        summary.problems.push_back(problem.what);
    }
    return summary;
}

// Keeps the engine of the last checkpoint, so that running again starts at once. Lives on the model
// thread.
class CaptureRunner {
  public:
    void operator()(const CaptureJob& job, Progress& progress) {
        if (!engine_ || job.checkpoint != folder_ || engine_->checkpoint->outdated()) {
            engine_.reset();  // before loading: two models may not fit
            engine_ = std::make_unique<Engine>(load_engine(job.checkpoint, {}));
            folder_ = job.checkpoint;
        }
        progress.check();
        CaptureOptions options;
        options.command = "alluvium open";
        options.prompt_set_name = job.prompt_set_name;
        options.generate = job.generate;
        options.live = job.live;
        if (job.only_experts) options.record = {.weights = false, .logits = false};
        options.batch_invariant = job.same_bits && engine_->model->device().is_cpu();
        capture(*engine_, job.prompts, job.output.string(), options, progress);
    }

  private:
    std::filesystem::path folder_;
    std::unique_ptr<Engine> engine_;
};

}  // namespace

ModelServices model_services() {
    const auto runner = std::make_shared<CaptureRunner>();
    return {.describe = describe, .capture = [runner](const CaptureJob& job, Progress& progress) {
                (*runner)(job, progress);
            }};
}

}  // namespace alluvium
