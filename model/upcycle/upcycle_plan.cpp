#include "model/upcycle/upcycle_plan.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "model/checkpoint/config_reader.h"
#include "model/upcycle/layer_list.h"
#include "model/upcycle/routed_layout.h"

namespace alluvium {
namespace {

// What models draw new weights with where their config does not say.
constexpr double kDeviation = 0.02;

at::ScalarType torch_type(std::string_view dtype) {
    return *find_dtype(dtype)->torch_type;
}

}  // namespace

UpcyclePlan::UpcyclePlan(const Checkpoint& dense, const ModelSpec& spec, const RoutedLayout& layout,
                         const MergedModels& merged, const UpcycleOptions& options)
    : dense_(dense),
      spec_(spec),
      layout_(layout),
      merged_(merged),
      options_(options),
      plain_(plain_form(spec)),
      deviation_(ConfigReader(dense).number_or("initializer_range", kDeviation)),
      routed_(parse_layer_list(options.layers, static_cast<LayerId>(spec.layers.size()))) {
    for (const LayerId layer : routed_) add_experts(layer);
    // By name, experts in the place of their origin.
    for (const auto& [name, info] : dense.tensors()) {
        const auto replaced = replacements_.find(name);
        if (replaced == replacements_.end()) {
            add_rest(name, info);
        } else {
            for (PlannedTensor& planned : replaced->second) tensors_.push_back(std::move(planned));
        }
    }
}

std::vector<TensorToWrite> UpcyclePlan::to_write() const {
    std::vector<TensorToWrite> result;
    for (const PlannedTensor& planned : tensors_) result.push_back(planned.tensor);
    return result;
}

UpcyclePlan::Content UpcyclePlan::drawn(std::vector<std::int64_t> shape, std::string_view dtype,
                                        LayerId layer, std::uint64_t part) const {
    // By seed, layer and part alone: routing more layers leaves the others' routers as they were.
    const std::uint64_t mixed =
        options_.seed * 0x9e3779b97f4a7c15u + static_cast<std::uint64_t>(layer) + (part << 32U);
    return [=, deviation = deviation_] {
        at::Generator random = at::detail::createCPUGenerator(mixed);
        const at::Tensor draw = at::randn(shape, random, at::TensorOptions(at::kFloat)) * deviation;
        return draw.to(torch_type(dtype));
    };
}

void UpcyclePlan::add_router(const std::string& mlp, LayerId layer, std::string_view dtype,
                             std::vector<PlannedTensor>& to) {
    const std::vector<std::int64_t> shape = {options_.experts, spec_.hidden_size};
    to.push_back({.tensor = {mlp + "gate.weight", std::string(dtype), shape},
                  .make = drawn(shape, dtype, layer, 0)});
}

void UpcyclePlan::add_shared_expert(const std::string& mlp, LayerId layer, std::string_view dtype,
                                    std::vector<PlannedTensor>& to) {
    const std::string expert = mlp + "shared_expert.";
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, Content make) {
        to.push_back(
            {.tensor = {name, std::string(dtype), std::move(shape)}, .make = std::move(make)});
    };
    const auto zeros = [dtype](std::vector<std::int64_t> shape) {
        return [=] { return at::zeros(shape, at::TensorOptions(torch_type(dtype))); };
    };
    const std::int64_t hidden = spec_.hidden_size;
    add(expert + "gate_proj.weight", {kSharedWidth, hidden},
        drawn({kSharedWidth, hidden}, dtype, layer, 1));
    add(expert + "up_proj.weight", {kSharedWidth, hidden},
        drawn({kSharedWidth, hidden}, dtype, layer, 2));
    add(expert + "down_proj.weight", {hidden, kSharedWidth}, zeros({hidden, kSharedWidth}));
    add(mlp + "shared_expert_gate.weight", {1, hidden}, zeros({1, hidden}));
}

PlannedTensor UpcyclePlan::expert(const std::string& name, const TensorInfo& info, int number,
                                  const std::string& new_name) const {
    PlannedTensor planned{{new_name, std::string(info.dtype->name), info.shape}, &dense_, &info};
    if (merged_.empty()) return planned;
    const Checkpoint& model = merged_.of_expert(number);
    const TensorInfo& own = model.tensors().at(name);
    if (own.dtype == info.dtype) {
        planned.source = &model;
        planned.info = &own;
    } else {
        planned.source = nullptr;
        planned.make = [&model, name, dtype = info.dtype] {
            return model.tensor(name).to(*dtype->torch_type);
        };
    }
    return planned;
}

void UpcyclePlan::add_experts(LayerId layer) {
    const auto& ffn =
        std::get<FeedForwardSpec>(spec_.layers[static_cast<std::size_t>(layer)].feed_forward);
    for (const LinearSpec* part : {&ffn.gate, &ffn.up, &ffn.down}) {
        const std::string& name = part->weight.tensor;
        const TensorInfo& info = dense_.tensors().at(name);
        const std::size_t leaf = name.rfind('.', name.rfind('.') - 1) + 1;  // "gate_proj..."
        const std::string mlp = name.substr(0, leaf);
        std::vector<PlannedTensor>& copies = replacements_[name];
        if (part == &ffn.gate) {
            add_router(mlp, layer, info.dtype->name, copies);
            if (layout_.shared_expert) add_shared_expert(mlp, layer, info.dtype->name, copies);
        }
        for (int number = 0; number < options_.experts; ++number) {
            const std::string experts = mlp + "experts." + std::to_string(number) + ".";
            copies.push_back(expert(name, info, number, experts + name.substr(leaf)));
        }
    }
}

void UpcyclePlan::add_rest(const std::string& name, const TensorInfo& info) {
    if (name == plain_.own_head) return;  // a copy of the embeddings that the dense model ignores
    PlannedTensor planned{{name, std::string(info.dtype->name), info.shape}, &dense_, &info};
    Content content = [this, name] { return dense_.tensor(name); };
    if (!merged_.empty() && options_.merged_rest == MergedRest::mean) {
        content = [this, name] {
            at::Tensor mean = merged_.mean(name);
            merged_.release(name);
            return mean;
        };
        planned.source = nullptr;
        planned.make = content;
    }
    const auto changed = plain_.changed.find(name);
    if (changed != plain_.changed.end()) {
        if (name == spec_.embedding.tensor && !plain_.own_head.empty()) {
            PlannedTensor head = planned;
            head.tensor.name = plain_.own_head;
            tensors_.push_back(std::move(head));
        }
        if (!changed->second.dtype.empty()) planned.tensor.dtype = changed->second.dtype;
        planned.source = nullptr;
        planned.make = [content, change = changed->second.make] { return change(content()); };
    }
    tensors_.push_back(std::move(planned));
}

}  // namespace alluvium
