#pragma once
// The trainable weights of a model: master copies in f32 (or f64), in the shapes that training
// computes with. E experts, F feed-forward width, H hidden size.
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/families/model_spec.h"
#include "model/forward/weights.h"

namespace alluvium {

class Checkpoint;

// Feed-forward parts of equal shape; a dense one is a stack of one.
struct FeedForwardStack {
    at::Tensor gate_up;  // [E, 2 F, H]: gate above up
    at::Tensor down;     // [E, H, F]
    Activation activation = Activation::silu;
};

struct TrainedMoe {
    at::Tensor router;  // [E, H]
    FeedForwardStack experts;
    std::optional<FeedForwardStack> shared;
    at::Tensor shared_gate;  // [1, H] or undefined
};

struct TrainedLayer {
    NormWeights attention_norm;
    AttentionWeights attention;
    NormWeights feed_forward_norm;
    std::variant<FeedForwardStack, TrainedMoe> feed_forward;
};

// One tensor of the checkpoint and where it lies in a parameter.
struct StoredTensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::size_t parameter = 0;  // index among TrainedWeights::parameters()
    std::int64_t expert = -1;   // of a stack; -1: the parameter is this tensor
    std::int64_t first_row = 0;

    // This tensor's part of something that has the parameter's shape, its value or its gradient.
    at::Tensor of(const at::Tensor& parameter_like) const;
};

class TrainedWeights {
  public:
    // Copies of the checkpoint's tensors in `dtype` (kFloat or kDouble). UserError where the model
    // has parts that cannot be trained, RunError where the memory does not suffice.
    TrainedWeights(const Checkpoint& checkpoint, const ModelSpec& spec, at::ScalarType dtype);

    const at::Tensor& embedding() const { return embedding_; }  // [V, H]
    const std::vector<TrainedLayer>& layers() const { return layers_; }
    const NormWeights& final_norm() const { return final_norm_; }
    const at::Tensor& output() const { return output_; }  // [V, H]; the embedding where tied

    // Leaves of the gradient graph, each once.
    const std::vector<at::Tensor>& parameters() const { return parameters_; }
    // Names for parameters(), unique; a stack is named after its first tensor.
    const std::vector<std::string>& names() const { return names_; }
    // Every tensor that the checkpoint's layout has.
    const std::vector<StoredTensor>& stored() const { return stored_; }

  private:
    class Loader;

    at::Tensor embedding_;
    std::vector<TrainedLayer> layers_;
    NormWeights final_norm_;
    at::Tensor output_;
    std::vector<at::Tensor> parameters_;
    std::vector<std::string> names_;
    std::vector<StoredTensor> stored_;
};

}  // namespace alluvium
