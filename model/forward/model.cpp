#include "model/forward/model.h"

#include <new>

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/families/check_tensors.h"
#include "model/forward/expert_stack.h"
#include "model/forward/stored_weight.h"

namespace alluvium {
namespace {

class Loader {
  public:
    Loader(const Checkpoint& checkpoint, Compute compute)
        : checkpoint_(checkpoint), compute_(compute) {}

    at::Tensor load(const WeightSpec& spec) const { return load_as(spec, compute_.dtype); }
    template <typename Part>
    auto load(const std::optional<Part>& spec) const {
        return spec ? std::optional(load(*spec)) : std::nullopt;
    }

    at::Tensor load_bias(const LinearSpec& spec) const {
        return spec.bias ? load(*spec.bias) : at::Tensor();
    }
    LinearWeights load(const LinearSpec& spec) const {
        return {load(spec.weight), load_bias(spec)};
    }
    NormWeights load(const NormSpec& spec) const {
        NormWeights weights{load(spec.weight), spec.epsilon, spec.kind};
        if (spec.bias) weights.bias = load(*spec.bias);
        // In f32: next to 1 a smaller type would round the distance away.
        if (spec.weight_offset != 0) {
            weights.weight = load_as(spec.weight, at::kFloat) + spec.weight_offset;
        }
        return weights;
    }
    FeedForwardWeights load(const FeedForwardSpec& spec) const {
        return {load(spec.gate), spec.gated ? load(spec.up) : LinearWeights(), load(spec.down)};
    }
    LatentWeights load(const LatentSpec& spec) const {
        return {load(spec.query_down), load(spec.query_norm), load(spec.down), load(spec.norm),
                load(spec.up)};
    }
    AttentionWeights load(const AttentionSpec& spec) const {
        AttentionWeights weights{.query = load(spec.query),
                                 .key = {},
                                 .value = {},
                                 .output = load(spec.output),
                                 .query_norm = load(spec.query_norm),
                                 .key_norm = load(spec.key_norm),
                                 .latent = load(spec.latent)};
        if (!spec.latent) {
            weights.key = load(spec.key);
            weights.value = load(spec.value);
        }
        if (spec.sinks) weights.sinks = load_as(*spec.sinks, at::kFloat);
        return weights;
    }
    MoeWeights load(const MoeSpec& spec) const {
        MoeWeights weights;
        weights.router.weight = load_as(spec.router.weight, at::kFloat);
        if (spec.router.bias) weights.router.bias = load_as(*spec.router.bias, at::kFloat);
        if (spec.choice_bias) weights.choice_bias = load_as(*spec.choice_bias, at::kFloat);
        for (const FeedForwardSpec& expert : spec.experts) weights.experts.push_back(load(expert));
        // On the CPU they stay where the file has them.
        if (!compute_.device.is_cpu()) lay_side_by_side(weights.experts);
        if (spec.shared) {
            weights.shared = SharedExpertWeights{load(spec.shared->expert), {}};
            if (spec.shared->gate) weights.shared->gate = load(*spec.shared->gate);
        }
        return weights;
    }
    LayerWeights load(const LayerSpec& spec) const {
        LayerWeights weights{.attention_norm = load(spec.attention_norm),
                             .attention = load(spec.attention),
                             .feed_forward_norm = load(spec.feed_forward_norm),
                             .feed_forward = {},
                             .attention_output_norm = load(spec.attention_output_norm),
                             .feed_forward_output_norm = load(spec.feed_forward_output_norm)};
        std::visit([&](const auto& part) { weights.feed_forward = load(part); }, spec.feed_forward);
        return weights;
    }

  private:
    // A view over the mapped file where neither device nor dtype changes and the rows lie in order.
    at::Tensor load_as(const WeightSpec& spec, at::ScalarType dtype) const {
        return stored_weight(checkpoint_, spec).to(compute_.device, dtype).contiguous();
    }

    const Checkpoint& checkpoint_;
    Compute compute_;
};

}  // namespace

std::shared_ptr<const Model> Model::load(const Checkpoint& checkpoint, ModelSpec spec,
                                         Compute compute) try {
    check_tensors(checkpoint, spec);
    const Loader loader(checkpoint, compute);
    const std::shared_ptr<Model> model(new Model);
    model->compute_ = compute;
    model->embedding_ = loader.load(spec.embedding);
    for (const LayerSpec& layer : spec.layers) model->layers_.push_back(loader.load(layer));
    model->final_norm_ = loader.load(spec.final_norm);
    // Tied: one tensor, not two copies.
    const bool tied = spec.output.weight.tensor == spec.embedding.tensor;
    model->output_ = {tied ? model->embedding_ : loader.load(spec.output.weight),
                      loader.load_bias(spec.output)};
    model->spec_ = std::move(spec);
    return model;
} catch (const std::bad_alloc&) {
    throw RunError("not enough memory for the weights of '" + checkpoint.folder().string() + "'");
} catch (const c10::Error& e) {
    throw RunError("cannot load '" + checkpoint.folder().string() +
                   "': " + e.what_without_backtrace());
}

}  // namespace alluvium
