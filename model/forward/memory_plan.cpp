#include "model/forward/memory_plan.h"

#include <algorithm>

#include <c10/core/ScalarType.h>

#include "base/error.h"
#include "base/files.h"
#include "base/memory.h"
#include "model/checkpoint/checkpoint.h"
#include "model/forward/model_loader.h"
#include "model/forward/stored_weight.h"
#include "model/kernels/cpu/cpu_features.h"
#include "model/kernels/cuda_module.h"

namespace alluvium {
namespace {

constexpr std::uint64_t kUsualTokens = 2048;  // of a batch
constexpr std::uint64_t kOutputRows = 256;    // final logits computed at a time
constexpr std::uint64_t kFloat = sizeof(float);

std::uint64_t count(std::int64_t size) {
    return static_cast<std::uint64_t>(size);
}

std::uint64_t element_bytes(const Compute& compute) {
    return c10::elementSize(compute.dtype);
}

std::uint64_t loaded_bytes(const std::vector<WeightSpec>& tensors, const Compute& compute) {
    std::uint64_t bytes = 0;
    for (const WeightSpec& tensor : tensors) bytes += weight_elements(tensor);
    return bytes * element_bytes(compute);
}

// What is there beside a tensor while it is read: nothing where it stays a view, else the tensor as
// it is stored and, where it is decoded or merged, in f32.
std::uint64_t beside(const Checkpoint& checkpoint, const WeightSpec& tensor,
                     const Compute& compute) {
    const TensorInfo& info = checkpoint.tensors().at(tensor.tensor);
    const bool decoded =
        is_encoded(checkpoint, tensor) ||
        (checkpoint.changes() != nullptr && checkpoint.changes()->changes(tensor.tensor));
    if (decoded) return info.bytes + 2 * kFloat * weight_elements(tensor);
    const bool view = compute.device.is_cpu() && info.dtype->torch_type == compute.dtype;
    return view ? 0 : info.bytes;
}

// The layer without its experts where these are decoded one by one.
LayerSpec read_as_a_whole(const Checkpoint& checkpoint, const LayerSpec& layer,
                          const Compute& compute) {
    LayerSpec whole = layer;
    if (auto* moe = std::get_if<MoeSpec>(&whole.feed_forward)) {
        if (decodes_experts_apart(checkpoint, *moe, compute)) moe->experts.clear();
    }
    return whole;
}

std::uint64_t expert_elements(const FeedForwardSpec& expert) {
    return (expert.gated ? weight_elements(expert.up.weight) : 0) +
           weight_elements(expert.gate.weight) + weight_elements(expert.down.weight);
}

// One expert, decoded, and the largest of its matrices in f32 and as it is stored.
std::uint64_t expert_bytes(const FeedForwardSpec& expert, const Compute& compute) {
    const std::uint64_t largest =
        std::max(weight_elements(expert.gate.weight), weight_elements(expert.down.weight));
    return expert_elements(expert) * element_bytes(compute) + largest * (kFloat + 1);
}

std::uint64_t read_bytes(const Checkpoint& checkpoint, const LayerSpec& layer,
                         const Compute& compute) {
    const std::vector<WeightSpec> tensors = needed_tensors(layer);
    std::uint64_t largest = 0;
    for (const WeightSpec& tensor : tensors) {
        largest = std::max(largest, beside(checkpoint, tensor, compute));
    }
    const std::uint64_t loaded = loaded_bytes(tensors, compute);
    // On a GPU the experts are laid side by side, from where they are into one block.
    return largest + (compute.device.is_cpu() ? loaded : 2 * loaded);
}

// f32 values for each token inside an attention module and around it: the stream, its norm and the
// sums; queries and their rotation and mixture; keys and values.
std::uint64_t attention_values(const ModelSpec& spec, const AttentionSpec& attention) {
    return 6 * count(spec.hidden_size) + 4 * count(attention.heads * attention.head_dim) +
           4 * count(attention.kv_heads * attention.head_dim);
}

// The CPU's own kernels keep what is between an expert's two products, libtorch's way (see
// LibtorchArithmetic::experts) several copies of every chosen expert's input and output.
std::uint64_t feed_forward_bytes(const ModelSpec& spec, const LayerSpec& layer,
                                 const Compute& compute) {
    const std::uint64_t hidden = count(spec.hidden_size);
    if (const MoeSpec* moe = layer.moe()) {
        const std::uint64_t width = weight_elements(moe->experts.front().down.weight) / hidden;
        const auto top_k = static_cast<std::uint64_t>(moe->rule.top_k);
        const bool own_kernels =
            compute.device.is_cpu() && compute.dtype == at::kBFloat16 && cpu_has_bf16_units();
        if (own_kernels) return (top_k * width + 2 * hidden) * kFloat;
        return (4 * top_k * hidden + 3 * width) * kFloat;
    }
    const auto& dense = std::get<FeedForwardSpec>(layer.feed_forward);
    return 3 * weight_elements(dense.down.weight) / hidden * kFloat;
}

// What the device has left for this program.
std::uint64_t free_room(const Compute& compute) {
    if (compute.device.is_cpu()) return available_memory();
    const std::vector<CudaDevice>& devices = cuda_status().devices;
    const auto index = static_cast<std::size_t>(std::max<int>(0, compute.device.index()));
    return index < devices.size() ? devices[index].memory / 10 * 9 : 0;
}

// Half of what is left beside a layer and a batch: the other half is for what many batches keep
// between layers.
std::uint64_t decoded_room(const MemoryPlan& plan) {
    const MemoryNeed& need = plan.need;
    const std::uint64_t used = need.largest_layer + need.head + need.work;
    return std::min(need.decoded, (plan.room - std::min(plan.room, used)) / 2);
}

}  // namespace

MemoryNeed memory_need(const Checkpoint& checkpoint, const ModelSpec& spec,
                       const Compute& compute) {
    MemoryNeed need;
    need.weights = loaded_bytes(needed_tensors(spec), compute);
    for (const LayerSpec& layer : spec.layers) {
        const LayerSpec whole = read_as_a_whole(checkpoint, layer, compute);
        std::uint64_t bytes = read_bytes(checkpoint, whole, compute);
        if (const MoeSpec* moe = layer.moe(); moe != nullptr && whole.moe()->experts.empty()) {
            std::uint64_t decoded = 0;
            for (const FeedForwardSpec& expert : moe->experts) decoded += expert_elements(expert);
            need.decoded = std::max(need.decoded, decoded * element_bytes(compute));
            bytes += expert_bytes(moe->experts.front(), compute);
        }
        need.largest_layer = std::max(need.largest_layer, bytes);
    }
    need.head = weight_elements(spec.output.weight) * element_bytes(compute) +
                beside(checkpoint, spec.output.weight, compute);
    need.work = work_bytes(spec, compute, kUsualTokens, /*output=*/false);
    return need;
}

std::uint64_t work_bytes(const ModelSpec& spec, const Compute& compute, std::uint64_t tokens,
                         bool output) {
    std::uint64_t for_token = 0;
    for (const LayerSpec& layer : spec.layers) {
        for_token = std::max(for_token, attention_values(spec, layer.attention) * kFloat +
                                            feed_forward_bytes(spec, layer, compute));
    }
    // As the product makes them, in f32, and what an observer makes of them.
    const std::uint64_t logits = output ? 3 * kOutputRows * count(spec.vocab_size) * kFloat : 0;
    return tokens * for_token + logits;
}

std::uint64_t bytes_between_layers(const ModelSpec& spec, const Compute& compute) {
    std::uint64_t rotated = 0;  // cosine and sine of half a head
    for (const LayerSpec& layer : spec.layers) {
        rotated = std::max(rotated, count(layer.attention.head_dim));
    }
    constexpr std::uint64_t kOfIds = 64;  // ids, places in the trace
    return count(spec.hidden_size) * element_bytes(compute) + 2 * rotated * kFloat + kOfIds;
}

std::string MemoryPlan::sentence() const {
    return "needs " + human_bytes(need.weights + need.work) + ", " +
           (asked ? "--memory leaves " + human_bytes(room) : human_bytes(room) + " free") +
           (streams ? ": will stream layer by layer" : "");
}

MemoryPlan plan_memory(const Checkpoint& checkpoint, const ModelSpec& spec, const Compute& compute,
                       std::uint64_t budget) {
    MemoryPlan plan;
    plan.need = memory_need(checkpoint, spec, compute);
    plan.asked = budget > 0;
    const std::uint64_t own = compute.device.is_cpu() ? resident_memory() : 0;
    plan.room = plan.asked ? budget - std::min(budget, own) : free_room(compute);
    plan.budget = own + plan.room;
    plan.streams = plan.need.weights + plan.need.work > plan.room;
    if (plan.streams) plan.decoded_room = decoded_room(plan);
    if (plan.asked && plan.need.largest_layer > plan.room) {
        throw UserError("--memory: " + human_bytes(budget) + " leave " + human_bytes(plan.room) +
                            " beside the program itself; the largest layer alone needs " +
                            human_bytes(plan.need.largest_layer),
                        "give at least " + human_bytes(own + plan.need.largest_layer +
                                                       plan.need.head + plan.need.work));
    }
    return plan;
}

}  // namespace alluvium
