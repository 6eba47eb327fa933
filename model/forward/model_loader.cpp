#include "model/forward/model_loader.h"

#include <ATen/ATen.h>

#include "model/checkpoint/fp8.h"
#include "model/checkpoint/release_pages.h"
#include "model/forward/expert_stack.h"
#include "model/forward/stored_weight.h"

namespace alluvium {

bool decodes_experts_apart(const Checkpoint& checkpoint, const MoeSpec& spec,
                           const Compute& compute) {
    return compute.device.is_cpu() && is_encoded(checkpoint, spec.experts.front().down.weight);
}

at::Tensor ModelLoader::load_bias(const LinearSpec& spec) const {
    return spec.bias ? load(*spec.bias) : at::Tensor();
}

LinearWeights ModelLoader::load(const LinearSpec& spec) const {
    return {load(spec.weight), load_bias(spec)};
}

NormWeights ModelLoader::load(const NormSpec& spec) const {
    if (spec.kind == NormKind::none) return {.weight = {}, .kind = NormKind::none};
    NormWeights weights{load(spec.weight), spec.epsilon, spec.kind};
    if (spec.bias) weights.bias = load(*spec.bias);
    // In f32: next to 1 a smaller type would round the distance away.
    if (spec.weight_offset != 0) {
        weights.weight = load_as(spec.weight, at::kFloat) + spec.weight_offset;
    }
    return weights;
}

FeedForwardWeights ModelLoader::load(const FeedForwardSpec& spec) const {
    return {load(spec.gate), spec.gated ? load(spec.up) : LinearWeights(), load(spec.down)};
}

LatentWeights ModelLoader::load(const LatentSpec& spec) const {
    return {load(spec.query_down), load(spec.query_norm), load(spec.down), load(spec.norm),
            load(spec.up)};
}

DeltaWeights ModelLoader::load(const DeltaSpec& spec) const {
    return {.query = load(spec.query),
            .key = load(spec.key),
            .value = load(spec.value),
            .gate = load(spec.gate),
            .strength = load(spec.strength),
            .fading = load(spec.fading),
            .fading_rate = load_as(spec.fading_rate, at::kFloat).exp(),
            .fading_offset = load_as(spec.fading_offset, at::kFloat),
            .convolution = load_as(spec.convolution, at::kFloat).squeeze(1),
            .norm = load(spec.norm)};
}

AttentionWeights ModelLoader::load(const AttentionSpec& spec) const {
    if (spec.delta) {
        AttentionWeights weights{};
        weights.output = load(spec.output);
        weights.delta = load(*spec.delta);
        return weights;
    }
    AttentionWeights weights{.query = load(spec.query),
                             .key = {},
                             .value = {},
                             .output = load(spec.output),
                             .query_norm = load(spec.query_norm),
                             .key_norm = load(spec.key_norm),
                             .gate = load(spec.gate),
                             .latent = load(spec.latent)};
    if (!spec.latent) {
        weights.key = load(spec.key);
        weights.value = load(spec.value);
    }
    if (spec.sinks) weights.sinks = load_as(*spec.sinks, at::kFloat);
    return weights;
}

MoeWeights ModelLoader::load(const MoeSpec& spec) const {
    MoeWeights weights;
    weights.router.weight = load_as(spec.router.weight, at::kFloat);
    if (spec.router.bias) weights.router.bias = load_as(*spec.router.bias, at::kFloat);
    if (spec.choice_bias) weights.choice_bias = load_as(*spec.choice_bias, at::kFloat);
    load_experts(spec, weights);
    if (spec.shared) {
        weights.shared = SharedExpertWeights{load(spec.shared->expert), {}};
        if (spec.shared->gate) weights.shared->gate = load(*spec.shared->gate);
    }
    return weights;
}

void ModelLoader::load_experts(const MoeSpec& spec, MoeWeights& weights) const {
    if (decoded_room_ && decodes_experts_apart(*checkpoint_, spec, compute_)) {
        weights.decoded = std::make_shared<const DecodedExperts>(
            spec.experts.size(),
            [this, experts = spec.experts](std::size_t e) { return load(experts[e]); },
            decoded_room_);
        return;
    }
    for (const FeedForwardSpec& expert : spec.experts) weights.experts.push_back(load(expert));
    // On the CPU they stay where the file has them.
    if (!compute_.device.is_cpu()) lay_side_by_side(weights.experts);
}

LayerWeights ModelLoader::load(const LayerSpec& spec) const {
    LayerWeights weights{.attention_norm = load(spec.attention_norm),
                         .attention = load(spec.attention),
                         .feed_forward_norm = load(spec.feed_forward_norm),
                         .feed_forward = {},
                         .attention_output_norm = load(spec.attention_output_norm),
                         .feed_forward_output_norm = load(spec.feed_forward_output_norm)};
    std::visit([&](const auto& part) { weights.feed_forward = load(part); }, spec.feed_forward);
    return weights;
}

template <typename Act>
void ModelLoader::for_bytes(const WeightSpec& weight, Act&& act) const {
    for (const std::string& name :
         {weight.tensor, weight.scales, fp8_scales(*checkpoint_, weight.tensor)}) {
        if (!name.empty()) act(checkpoint_->bytes(checkpoint_->tensors().at(name)));
    }
}

at::Tensor ModelLoader::load_as(const WeightSpec& spec, at::ScalarType dtype) const {
    const at::Tensor stored = stored_weight(*checkpoint_, spec);
    at::Tensor loaded = stored.to(compute_.device, dtype).contiguous();
    if (loaded.is_alias_of(stored)) {
        keeps_views_ = true;
    } else {
        for_bytes(spec, release_pages);
    }
    return loaded;
}

at::Tensor ModelLoader::load_rows(const WeightSpec& spec, const at::Tensor& ids) const {
    at::Tensor rows =
        stored_weight(*checkpoint_, spec).index_select(0, ids).to(compute_.device, compute_.dtype);
    for_bytes(spec, release_pages);
    return rows;
}

void ModelLoader::release(const std::vector<WeightSpec>& weights) const {
    for (const WeightSpec& weight : weights) for_bytes(weight, release_pages);
}

void ModelLoader::expect(const std::vector<WeightSpec>& weights) const {
    for (const WeightSpec& weight : weights) for_bytes(weight, expect_pages);
}

}  // namespace alluvium
