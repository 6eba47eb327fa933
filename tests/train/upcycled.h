#pragma once
// A small dense model made into a Mixture-of-Experts, and what both compute.
#include <filesystem>
#include <vector>

#include "model/checkpoint/checkpoint.h"
#include "model/families/family.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"
#include "model/upcycle/upcycle.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/tiny_dense.h"

namespace alluvium::test {

// Final logits and the experts chosen in each routed layer.
class Outputs : public RoutingObserver {
  public:
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch& batch) override { experts.push_back(batch.experts); }
    void on_output(std::int64_t, const at::Tensor& rows) override { logits = rows; }

    at::Tensor logits;
    std::vector<at::Tensor> experts;
};

inline Outputs run(const std::filesystem::path& folder) {
    const CheckpointPtr checkpoint = Checkpoint::open(folder);
    const auto model = Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, at::kFloat});
    TokenBatch batch;
    batch.append({5, 17, 33, 2, 60, 41, 8});
    batch.append({63, 1, 1, 20});
    for (std::int64_t& id : batch.ids) id %= model->spec().vocab_size;
    Outputs outputs;
    ForwardPass(model).run(batch, outputs, Progress());
    return outputs;
}

// Upcycles folder / "dense", a TinyDense where there is none yet, to folder / "moe".
inline UpcycleSummary make(const TemporaryFolder& folder, const UpcycleOptions& options) {
    if (!std::filesystem::exists(folder / "dense")) TinyDense().write(folder / "dense");
    Progress progress;
    return upcycle(*Checkpoint::open(folder / "dense"), folder / "moe", options, progress);
}

}  // namespace alluvium::test
