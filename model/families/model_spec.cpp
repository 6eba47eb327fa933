#include "model/families/model_spec.h"

#include <set>

namespace alluvium {
namespace {

class Collector {
  public:
    void add(const WeightSpec& weight) {
        if (seen_.insert(weight.tensor).second) out_.push_back(weight);
    }
    void add(const LinearSpec& linear) {
        add(linear.weight);
        if (linear.bias) add(*linear.bias);
    }
    void add(const NormSpec& norm) { add(norm.weight); }
    void add(const FeedForwardSpec& ffn) {
        add(ffn.gate);
        add(ffn.up);
        add(ffn.down);
    }
    void add(const AttentionSpec& attention) {
        add(attention.query);
        add(attention.key);
        add(attention.value);
        add(attention.output);
        if (attention.query_norm) add(*attention.query_norm);
        if (attention.key_norm) add(*attention.key_norm);
    }
    void add(const MoeSpec& moe) {
        add(moe.router);
        if (moe.choice_bias) add(*moe.choice_bias);
        for (const FeedForwardSpec& expert : moe.experts) add(expert);
        if (!moe.shared) return;
        add(moe.shared->expert);
        if (moe.shared->gate) add(*moe.shared->gate);
    }
    void add(const LayerSpec& layer) {
        add(layer.attention_norm);
        add(layer.attention);
        add(layer.feed_forward_norm);
        std::visit([this](const auto& part) { add(part); }, layer.feed_forward);
    }
    std::vector<WeightSpec> take() { return std::move(out_); }

  private:
    std::set<std::string> seen_;
    std::vector<WeightSpec> out_;
};

}  // namespace

std::vector<LayerId> ModelSpec::routed_layers() const {
    std::vector<LayerId> routed;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        if (layers[layer].moe() != nullptr) routed.push_back(static_cast<LayerId>(layer));
    }
    return routed;
}

std::vector<WeightSpec> needed_tensors(const ModelSpec& spec) {
    Collector tensors;
    tensors.add(spec.embedding);
    for (const LayerSpec& layer : spec.layers) tensors.add(layer);
    tensors.add(spec.final_norm);
    tensors.add(spec.output);
    return tensors.take();
}

}  // namespace alluvium
