#pragma once
// A model's constant weights on a device. Where the dtype is the checkpoint's and the device is the
// CPU they stay views over the mapped file: loading copies nothing.
#include <memory>
#include <mutex>
#include <vector>

#include "model/families/model_spec.h"
#include "model/forward/compute.h"
#include "model/forward/weights.h"

namespace alluvium {

class Checkpoint;
class ModelLoader;

// Where the weights are while the model is not in use.
enum class Residence {
    memory,      // all of them on the device
    checkpoint,  // in their files: a layer is read when it is asked for and let go after use
};

class Model {
  public:
    // UserError where a tensor is missing or has another shape than the spec says (see
    // check_tensors), RunError where the memory does not suffice.
    // `decoded_room`: bytes that encoded experts, decoded on the CPU as they are asked for, may go
    // on holding while their layer is held; for Residence::checkpoint.
    static std::shared_ptr<const Model> load(const Checkpoint& checkpoint, ModelSpec spec,
                                             Compute compute,
                                             Residence residence = Residence::memory,
                                             std::uint64_t decoded_room = 0);
    ~Model();

    const ModelSpec& spec() const { return spec_; }
    at::Device device() const { return compute_.device; }
    at::ScalarType dtype() const { return compute_.dtype; }
    bool streams() const { return residence_ == Residence::checkpoint; }

    // The same weights for every residence, there as long as somebody holds them. Where they are
    // streamed, whoever asks while another holds them gets his.
    std::shared_ptr<const LayerWeights> layer(LayerId layer) const;
    std::shared_ptr<const LinearWeights> output() const;  // lm_head
    const NormWeights& final_norm() const { return final_norm_; }
    // The embeddings of ids [T] (i64, on the CPU), before any multiplier. [T, H]
    at::Tensor embed(const at::Tensor& ids) const;

    // The layer will be asked for soon.
    void expect(LayerId layer) const;
    // RunError where the weights lie in files that were changed since they were opened.
    void require_unchanged() const;

  private:
    Model() = default;

    ModelSpec spec_;
    Compute compute_;
    Residence residence_ = Residence::memory;
    std::shared_ptr<const Checkpoint> checkpoint_;
    std::shared_ptr<const ModelLoader> loader_;
    bool reads_files_ = false;
    NormWeights final_norm_;
    // Residence::memory
    at::Tensor embedding_;  // [V, H]
    std::vector<std::shared_ptr<const LayerWeights>> layers_;
    std::shared_ptr<const LinearWeights> output_;
    // Residence::checkpoint
    mutable std::mutex lock_;
    mutable std::vector<std::weak_ptr<const LayerWeights>> held_layers_;
    mutable std::weak_ptr<const LinearWeights> held_output_;
};

}  // namespace alluvium
