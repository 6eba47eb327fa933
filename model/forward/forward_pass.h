#pragma once
// Runs packed prompts through a model and shows a RoutingObserver what every router did.
//
//     const CheckpointPtr checkpoint = Checkpoint::open(folder);
//     const auto model = Model::load(*checkpoint, model_spec(*checkpoint),
//                                    resolve_compute("auto", "auto", *checkpoint));
//     ForwardPass(model).run(batch, observer, progress);
#include <memory>
#include <span>

#include "base/progress.h"
#include "model/forward/routing_edit.h"
#include "model/forward/routing_observer.h"
#include "model/forward/token_batch.h"

namespace alluvium {

class Arithmetic;
class ForwardPass;
class Model;
class PromptMemory;
struct ForwardRun;

// A batch and who watches it. All of it must outlive the pass.
struct WatchedBatch {
    const TokenBatch& batch;
    RoutingObserver& observer;
    // Of the batch's prompts [P], whose tokens are the batch's `past`: its rows see them and are
    // added to them. No branches then. Empty: nothing is remembered.
    std::span<PromptMemory* const> memories{};
    // Whose options it is computed by, of the same model; null: those of the pass that runs.
    const ForwardPass* pass = nullptr;
};

struct ForwardOptions {
    // Every row is computed with the same tile shapes whatever else is in the batch: the same bits
    // for any batching. CPU only, slower.
    bool batch_invariant = false;
    RouteFunction route;                        // empty: route()
    std::shared_ptr<const RoutingEdit> edit{};  // null: nothing is changed
};

class ForwardPass {
  public:
    // UserError where the options do not suit the model's device.
    explicit ForwardPass(std::shared_ptr<const Model> model, ForwardOptions options = {});

    // Calls `observer` layer by layer, ascending, on the calling thread. What it does not want is
    // not computed: without hidden states and output the pass ends at the last router. Throws
    // Cancelled between layers. UserError where a token id is outside the vocabulary, RunError
    // where the memory does not suffice for the batch or the weights lie in files that were
    // changed: what the observer has seen then means nothing.
    void run(const TokenBatch& batch, RoutingObserver& observer, const Progress& progress) const;

    // Several batches, all of them through a layer before the next layer's weights are read: the
    // same bits as a run of each, and the weights of a model that streams are read once for all.
    // Each observer sees what it would see in a run of its own.
    void run(std::span<const WatchedBatch> batches, const Progress& progress) const;

    // The same from `layer` on: `hidden` [T, H] is the residual stream before it, as a run of the
    // same batch showed it. The same bits as a whole run's.
    void run_from(LayerId layer, const at::Tensor& hidden, const TokenBatch& batch,
                  RoutingObserver& observer, const Progress& progress) const;

    const Model& model() const { return *model_; }

    // The same with memories of the batch's prompts, as in WatchedBatch.
    void run(const TokenBatch& batch, std::span<PromptMemory* const> memories,
             RoutingObserver& observer, const Progress& progress) const;

  private:
    ForwardRun begin(const TokenBatch& batch, RoutingObserver& observer) const;

    std::shared_ptr<const Model> model_;
    std::shared_ptr<const Arithmetic> arithmetic_;
    RouteFunction route_;
    std::shared_ptr<const RoutingEdit> edit_;
};

}  // namespace alluvium
