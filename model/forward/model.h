#pragma once
// A model's constant weights on a device. Where the dtype is the checkpoint's and the device is the
// CPU they stay views over the mapped file: loading copies nothing.
#include <memory>

#include "model/families/model_spec.h"
#include "model/forward/compute.h"
#include "model/forward/weights.h"

namespace alluvium {

class Checkpoint;

class Model {
  public:
    // UserError where a tensor is missing or has another shape than the spec says (see
    // check_tensors), RunError where the memory does not suffice.
    static std::shared_ptr<const Model> load(const Checkpoint& checkpoint, ModelSpec spec,
                                             Compute compute);

    const ModelSpec& spec() const { return spec_; }
    at::Device device() const { return compute_.device; }
    at::ScalarType dtype() const { return compute_.dtype; }

    const at::Tensor& embedding() const { return embedding_; }  // [V, H]
    const std::vector<LayerWeights>& layers() const { return layers_; }
    const NormWeights& final_norm() const { return final_norm_; }
    const LinearWeights& output() const { return output_; }  // lm_head

  private:
    Model() = default;

    ModelSpec spec_;
    Compute compute_;
    at::Tensor embedding_;
    std::vector<LayerWeights> layers_;
    NormWeights final_norm_;
    LinearWeights output_;
};

}  // namespace alluvium
