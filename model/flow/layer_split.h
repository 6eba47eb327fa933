#pragma once
// What a layer adds to a token, part by part, exactly: attention by (key position, head), each
// chosen expert's w_e f_e(x), the shared expert, biases. Source: information-flow routes, Ferrando
// and Voita (arXiv 2403.00824), with experts apart.
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "captures/information_flow.h"
#include "model/flow/stream.h"
#include "model/flow/token_mixture.h"
#include "model/forward/arithmetic.h"
#include "model/forward/model.h"

namespace alluvium {

struct SplitPart {
    FlowPartKind kind = FlowPartKind::residual;
    std::int64_t from = 0;  // row that it comes from
    int head = -1;          // attention
    int expert = -1;        // expert
    double weight = 0;      // expert: as applied; attention: the probability, or the share
};

struct LayerSplit {
    std::vector<SplitPart> parts;  // [n], the residual first
    at::Tensor vectors;            // [n, H] f32; they add up to the layer's output
};

// One layer of one prompt, on the model's device in f32.
class LayerSplitter {
  public:
    // `run` is that of `batch`, which holds one prompt: its stream and its choice of experts are
    // taken over. What it is given must outlive it.
    LayerSplitter(const Model& model, const TokenBatch& batch, LayerId layer, const PromptRun& run);

    LayerSplit split(std::int64_t row) const;

  private:
    void add_attention(std::int64_t row, LayerSplit& split) const;
    void add_feed_forward(std::int64_t row, const at::Tensor& middle, LayerSplit& split) const;
    at::Tensor chosen_experts(const at::Tensor& x, std::int64_t row, LayerSplit& split) const;

    const Model& model_;
    const LayerSpec& spec_;
    const std::shared_ptr<const LayerWeights> held_;
    const LayerWeights& weights_;
    at::Tensor before_;     // [T, H] the residual stream before the layer
    ChosenExperts chosen_;  // undefined where the layer has no router
    std::shared_ptr<const Arithmetic> arithmetic_;
    std::unique_ptr<const TokenMixer> mixer_;
};

}  // namespace alluvium
