#include "model/train/trained_weights.h"

#include <span>

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"

namespace alluvium {
namespace {

[[noreturn]] void refuse(const Checkpoint& checkpoint, const std::string& what) {
    throw UserError("'" + checkpoint.folder().string() + "' cannot be trained: " + what,
                    "training knows routers that choose by softmax over all experts, and linear "
                    "layers without bias outside the attention");
}

void check_trainable(const Checkpoint& checkpoint, const ModelSpec& spec) {
    const std::vector<std::string> unknown = parts_beyond_plain(spec);
    if (!unknown.empty()) refuse(checkpoint, "it has " + unknown.front());
    for (const LayerSpec& layer : spec.layers) {
        const MoeSpec* moe = layer.moe();
        if (moe == nullptr) continue;
        const RouterSpec& rule = moe->rule;
        const bool plain = rule.scoring == Scoring::softmax &&
                           rule.order == SelectionOrder::score_then_top_k && rule.groups == 1 &&
                           !rule.choice_bias && !rule.weight_on_input && rule.scale == 1.0;
        if (!plain) refuse(checkpoint, "its router's rule is '" + sentence(rule) + "'");
        if (moe->router.bias) refuse(checkpoint, "its router has a bias");
    }
    if (spec.output.bias) refuse(checkpoint, "its output layer has a bias");
}

}  // namespace

at::Tensor StoredTensor::of(const at::Tensor& parameter_like) const {
    if (expert < 0) return parameter_like;
    return parameter_like[expert].narrow(0, first_row, shape[0]);
}

// Fills a TrainedWeights tensor by tensor.
class TrainedWeights::Loader {
  public:
    Loader(TrainedWeights& weights, const Checkpoint& checkpoint, at::ScalarType dtype)
        : weights_(weights), checkpoint_(checkpoint), dtype_(dtype) {}

    at::Tensor load(const WeightSpec& spec) {
        at::Tensor value = at::empty(spec.shape, at::TensorOptions(dtype_));
        value.copy_(checkpoint_.tensor(spec.tensor));
        weights_.stored_.push_back({spec.tensor, spec.shape, weights_.parameters_.size(), -1, 0});
        return add_parameter(spec.tensor, value);
    }
    at::Tensor load_unbiased(const LinearSpec& spec) {
        if (spec.bias) refuse(checkpoint_, "'" + spec.bias->tensor + "' is a bias");
        return load(spec.weight);
    }
    LinearWeights load(const LinearSpec& spec) {
        return {load(spec.weight), spec.bias ? load(*spec.bias) : at::Tensor()};
    }
    NormWeights load(const NormSpec& spec) { return {load(spec.weight), spec.epsilon}; }
    AttentionWeights load(const AttentionSpec& spec) {
        AttentionWeights weights{
            load(spec.query), load(spec.key), load(spec.value), load(spec.output), {}, {}};
        if (spec.query_norm) weights.query_norm = load(*spec.query_norm);
        if (spec.key_norm) weights.key_norm = load(*spec.key_norm);
        return weights;
    }
    FeedForwardStack load(std::span<const FeedForwardSpec> parts) {
        std::vector<std::vector<const LinearSpec*>> gate_up, down;
        for (const FeedForwardSpec& part : parts) {
            gate_up.push_back({&part.gate, &part.up});
            down.push_back({&part.down});
        }
        return {load_stack(gate_up), load_stack(down), parts.front().activation};
    }
    FeedForwardStack load(const FeedForwardSpec& part) { return load(std::span(&part, 1)); }
    TrainedMoe load(const MoeSpec& spec) {
        TrainedMoe moe{load_unbiased(spec.router), load(std::span(spec.experts)), {}, {}};
        if (spec.shared) {
            moe.shared = load(spec.shared->expert);
            if (spec.shared->gate) moe.shared_gate = load_unbiased(*spec.shared->gate);
        }
        return moe;
    }
    TrainedLayer load(const LayerSpec& spec) {
        TrainedLayer layer{
            load(spec.attention_norm), load(spec.attention), load(spec.feed_forward_norm), {}};
        std::visit([&](const auto& part) { layer.feed_forward = load(part); }, spec.feed_forward);
        return layer;
    }

  private:
    at::Tensor add_parameter(const std::string& name, const at::Tensor& value) {
        value.set_requires_grad(true);
        weights_.parameters_.push_back(value);
        weights_.names_.push_back(name);
        return value;
    }

    // [E, rows of all of an expert's matrices, columns]
    at::Tensor load_stack(const std::vector<std::vector<const LinearSpec*>>& experts) {
        std::int64_t rows = 0;
        for (const LinearSpec* matrix : experts.front()) rows += matrix->weight.shape[0];
        const std::int64_t columns = experts.front().front()->weight.shape[1];
        const at::Tensor value =
            at::empty({std::ssize(experts), rows, columns}, at::TensorOptions(dtype_));
        for (std::size_t e = 0; e < experts.size(); ++e) {
            std::int64_t row = 0;
            for (const LinearSpec* matrix : experts[e]) {
                if (matrix->bias) refuse(checkpoint_, "'" + matrix->bias->tensor + "' is a bias");
                const StoredTensor stored{matrix->weight.tensor, matrix->weight.shape,
                                          weights_.parameters_.size(), static_cast<std::int64_t>(e),
                                          row};
                stored.of(value).copy_(checkpoint_.tensor(stored.name));
                weights_.stored_.push_back(stored);
                row += stored.shape[0];
            }
        }
        return add_parameter(experts.front().front()->weight.tensor, value);
    }

    TrainedWeights& weights_;
    const Checkpoint& checkpoint_;
    at::ScalarType dtype_;
};

TrainedWeights::TrainedWeights(const Checkpoint& checkpoint, const ModelSpec& spec,
                               at::ScalarType dtype) try {
    check_trainable(checkpoint, spec);
    Loader loader(*this, checkpoint, dtype);
    embedding_ = loader.load(spec.embedding);
    for (const LayerSpec& layer : spec.layers) layers_.push_back(loader.load(layer));
    final_norm_ = loader.load(spec.final_norm);
    const bool tied = spec.output.weight.tensor == spec.embedding.tensor;
    output_ = tied ? embedding_ : loader.load(spec.output.weight);
} catch (const c10::Error& e) {
    throw RunError("cannot load '" + checkpoint.folder().string() +
                   "' for training: " + e.what_without_backtrace());
}

}  // namespace alluvium
