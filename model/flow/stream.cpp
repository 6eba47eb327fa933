#include "model/flow/stream.h"

#include <ATen/ATen.h>

#include "model/flow/frozen_norm.h"
#include "model/forward/arithmetic.h"
#include "model/forward/forward_pass.h"

namespace alluvium {
namespace {

class RunKeeper final : public RoutingObserver {
  public:
    bool wants_hidden() const override { return true; }
    void on_routed(const RoutedBatch& batch) override {
        run.chosen[batch.layer] = {batch.experts.clone(), batch.weights.clone()};
    }
    void on_hidden(LayerId, const at::Tensor& hidden) override {
        run.stream.push_back(hidden.clone());
    }

    PromptRun run;
};

}  // namespace

PromptRun run_prompt(const std::shared_ptr<const Model>& model, const TokenBatch& batch,
                     const Progress& progress) {
    RunKeeper keeper;
    ForwardPass(model).run(batch, keeper, progress);
    return std::move(keeper.run);
}

OutputView::OutputView(const Model& model, const at::Tensor& last) : model_(model), last_(last) {}

at::Tensor OutputView::logits(const at::Tensor& stream) const {
    const auto arithmetic = libtorch_arithmetic();
    const at::Tensor x = arithmetic->norm(stream.unsqueeze(0), model_.final_norm());
    at::Tensor logits = arithmetic->linear(x, *model_.output()).to(at::kFloat).squeeze(0);
    const ModelSpec& spec = model_.spec();
    if (spec.logit_multiplier != 1) logits = logits * spec.logit_multiplier;
    if (spec.logit_softcap) logits = (logits / *spec.logit_softcap).tanh() * *spec.logit_softcap;
    return logits;
}

at::Tensor OutputView::direct(const at::Tensor& parts) const {
    const FrozenNorm norm(last_, model_.final_norm());
    const std::shared_ptr<const LinearWeights> head = model_.output();
    return at::linear(norm.apply(parts.to(at::kFloat)), head->weight.to(at::kFloat)) *
           model_.spec().logit_multiplier;
}

}  // namespace alluvium
