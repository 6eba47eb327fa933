#include "model/forward/model.h"

#include <new>

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/families/check_tensors.h"
#include "model/forward/model_loader.h"

namespace alluvium {
namespace {

// Reads a part and gives its pages back when the last holder lets go.
template <typename Part>
auto streamed(const std::shared_ptr<const ModelLoader>& loader, const Part& spec,
              std::vector<WeightSpec> tensors) {
    using Weights = decltype(loader->load(spec));
    const auto let_go = [loader, tensors = std::move(tensors)](const Weights* weights) {
        delete weights;
        loader->release(tensors);
    };
    return std::shared_ptr<const Weights>(new Weights(loader->load(spec)), let_go);
}

}  // namespace

Model::~Model() = default;

std::shared_ptr<const Model> Model::load(const Checkpoint& checkpoint, ModelSpec spec,
                                         Compute compute, Residence residence,
                                         std::uint64_t decoded_room) try {
    check_tensors(checkpoint, spec);
    const std::shared_ptr<Model> model(new Model);
    model->compute_ = compute;
    model->residence_ = residence;
    model->checkpoint_ = checkpoint.shared_from_this();
    const bool streams = residence == Residence::checkpoint;
    const auto loader = std::make_shared<const ModelLoader>(
        model->checkpoint_, compute,
        streams ? std::make_shared<DecodedRoom>(decoded_room) : nullptr);
    model->loader_ = loader;
    model->final_norm_ = loader->load(spec.final_norm);
    if (!streams) {
        model->embedding_ = loader->load(spec.embedding);
        for (const LayerSpec& layer : spec.layers) {
            model->layers_.push_back(std::make_shared<const LayerWeights>(loader->load(layer)));
        }
        // Tied: one tensor, not two copies.
        const bool tied = spec.output.weight.tensor == spec.embedding.tensor;
        model->output_ = std::make_shared<const LinearWeights>(
            LinearWeights{tied ? model->embedding_ : loader->load(spec.output.weight),
                          loader->load_bias(spec.output)});
    } else {
        model->held_layers_.resize(spec.layers.size());
    }
    model->reads_files_ = streams || loader->keeps_views();
    model->spec_ = std::move(spec);
    checkpoint.require_unchanged();
    return model;
} catch (const std::bad_alloc&) {
    throw RunError("not enough memory for the weights of '" + checkpoint.folder().string() + "'");
} catch (const c10::Error& e) {
    throw RunError("cannot load '" + checkpoint.folder().string() +
                   "': " + e.what_without_backtrace());
}

std::shared_ptr<const LayerWeights> Model::layer(LayerId layer) const {
    const auto at = static_cast<std::size_t>(layer);
    if (!streams()) return layers_[at];
    const std::scoped_lock lock(lock_);
    auto weights = held_layers_[at].lock();
    if (!weights) {
        const LayerSpec& spec = spec_.layers[at];
        held_layers_[at] = weights = streamed(loader_, spec, needed_tensors(spec));
    }
    return weights;
}

std::shared_ptr<const LinearWeights> Model::output() const {
    if (!streams()) return output_;
    const std::scoped_lock lock(lock_);
    auto weights = held_output_.lock();
    if (!weights) {
        held_output_ = weights = streamed(loader_, spec_.output, {spec_.output.weight});
    }
    return weights;
}

at::Tensor Model::embed(const at::Tensor& ids) const {
    if (streams()) return loader_->load_rows(spec_.embedding, ids);
    return embedding_.index_select(0, ids.to(compute_.device));
}

void Model::expect(LayerId layer) const {
    if (!streams()) return;
    loader_->expect(needed_tensors(spec_.layers[static_cast<std::size_t>(layer)]));
}

void Model::require_unchanged() const {
    if (reads_files_) checkpoint_->require_unchanged();
}

}  // namespace alluvium
