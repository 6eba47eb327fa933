#pragma once
// From the parts of a spec to their weights on a device.
#include <memory>
#include <optional>

#include "model/checkpoint/checkpoint.h"
#include "model/forward/compute.h"
#include "model/forward/weights.h"

namespace alluvium {

// Whether the experts of a layer that streams are decoded one by one as they are asked for.
bool decodes_experts_apart(const Checkpoint& checkpoint, const MoeSpec& spec,
                           const Compute& compute);

// A weight stays a view over the mapped file where neither device nor dtype changes and its rows
// lie in order; else it is copied, and the file's pages no longer count as this program's memory.
class ModelLoader {
  public:
    // With `decoded_room`, encoded experts on the CPU are decoded when they are asked for; such
    // weights must not outlive the loader.
    ModelLoader(CheckpointPtr checkpoint, Compute compute,
                std::shared_ptr<DecodedRoom> decoded_room = {})
        : checkpoint_(std::move(checkpoint)),
          compute_(compute),
          decoded_room_(std::move(decoded_room)) {}

    at::Tensor load(const WeightSpec& spec) const { return load_as(spec, compute_.dtype); }
    LinearWeights load(const LinearSpec& spec) const;
    NormWeights load(const NormSpec& spec) const;
    LayerWeights load(const LayerSpec& spec) const;
    at::Tensor load_bias(const LinearSpec& spec) const;
    // [T, H]: rows of a weight [V, H], without keeping the weight.
    at::Tensor load_rows(const WeightSpec& spec, const at::Tensor& ids) const;

    // Whether a weight loaded so far is a view over the file.
    bool keeps_views() const { return keeps_views_; }

    void release(const std::vector<WeightSpec>& weights) const;
    void expect(const std::vector<WeightSpec>& weights) const;

  private:
    template <typename Part>
    auto load(const std::optional<Part>& spec) const {
        return spec ? std::optional(load(*spec)) : std::nullopt;
    }
    FeedForwardWeights load(const FeedForwardSpec& spec) const;
    LatentWeights load(const LatentSpec& spec) const;
    DeltaWeights load(const DeltaSpec& spec) const;
    AttentionWeights load(const AttentionSpec& spec) const;
    MoeWeights load(const MoeSpec& spec) const;
    void load_experts(const MoeSpec& spec, MoeWeights& weights) const;
    at::Tensor load_as(const WeightSpec& spec, at::ScalarType dtype) const;
    // The bytes of every tensor that the weight is made of.
    template <typename Act>
    void for_bytes(const WeightSpec& weight, Act&& act) const;

    CheckpointPtr checkpoint_;
    Compute compute_;
    std::shared_ptr<DecodedRoom> decoded_room_;
    mutable bool keeps_views_ = false;
};

}  // namespace alluvium
