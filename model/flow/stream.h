#pragma once
#include <map>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/progress.h"
#include "model/forward/model.h"
#include "model/forward/routing_observer.h"
#include "model/forward/token_batch.h"

namespace alluvium {

struct ChosenExperts {
    at::Tensor experts;  // [T, k]
    at::Tensor weights;  // [T, k], as applied
};

// What a forward pass of one prompt did.
struct PromptRun {
    std::vector<at::Tensor> stream;  // [T, H] each: [0] enters layer 0, [l + 1] leaves layer l
    std::map<LayerId, ChosenExperts> chosen;  // in the routed layers
};

PromptRun run_prompt(const std::shared_ptr<const Model>& model, const TokenBatch& batch,
                     const Progress& progress);

// What a vector in the residual stream says about the next token, through the final norm and the
// output matrix.
class OutputView {
  public:
    // `last` [H]: the stream that the model's prediction is made of; its scale is the one of parts.
    OutputView(const Model& model, const at::Tensor& last);

    // [V] f32: final logits of a stream [H], as the model makes them (softcap included).
    at::Tensor logits(const at::Tensor& stream) const;
    // [n, V] f32: what parts [n, H] of the last stream add to the final logits, before a softcap.
    // Parts that add up to the stream add up to the logits, but for the biases of norm and output.
    at::Tensor direct(const at::Tensor& parts) const;

  private:
    const Model& model_;
    at::Tensor last_;
};

}  // namespace alluvium
