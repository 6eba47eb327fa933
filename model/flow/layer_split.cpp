#include "model/flow/layer_split.h"

#include <ATen/ATen.h>

#include "model/flow/frozen_norm.h"

namespace alluvium {
namespace {

// Appends parts with their vectors [n, H].
void append(LayerSplit& split, std::vector<SplitPart> parts, const at::Tensor& vectors) {
    split.parts.insert(split.parts.end(), parts.begin(), parts.end());
    const at::Tensor wide = vectors.to(at::kFloat);
    split.vectors = split.vectors.defined() ? at::cat({split.vectors, wide}) : wide;
}

// Parts [n, H] of a module's output as they reach the residual stream: through the module's output
// norm, whose scale is that of their sum, and the residual multiplier. A norm's bias comes last.
at::Tensor on_the_stream(const at::Tensor& parts, const std::optional<NormWeights>& norm,
                         double multiplier) {
    at::Tensor result = parts.to(at::kFloat);
    if (norm) {
        const FrozenNorm frozen(result.sum(0), *norm);
        result = frozen.apply(result);
        if (frozen.bias().defined()) result = at::cat({result, frozen.bias().unsqueeze(0)});
    }
    return multiplier == 1 ? result : result * multiplier;
}

// Parts that came out longer by a norm's bias get one more name.
void name_bias(std::vector<SplitPart>& parts, const at::Tensor& vectors, std::int64_t row) {
    if (vectors.size(0) > std::ssize(parts)) {
        parts.push_back({.kind = FlowPartKind::bias, .from = row});
    }
}

}  // namespace

LayerSplitter::LayerSplitter(const Model& model, const TokenBatch& batch, LayerId layer,
                             const PromptRun& run)
    : model_(model),
      spec_(model.spec().layers[static_cast<std::size_t>(layer)]),
      held_(model.layer(layer)),
      weights_(*held_),
      before_(run.stream[static_cast<std::size_t>(layer)]),
      arithmetic_(libtorch_arithmetic()) {
    if (spec_.moe() != nullptr) chosen_ = run.chosen.at(layer);
    const RotaryTables rotary(model.spec(), batch, model.device());
    mixer_ = token_mixer(arithmetic_->norm(before_, weights_.attention_norm), spec_.attention,
                         weights_.attention, {batch, rotary.of(spec_.attention), *arithmetic_});
}

void LayerSplitter::add_attention(std::int64_t row, LayerSplit& split) const {
    const auto [shares, values, factor] = mixer_->into(row);
    const std::int64_t heads = values.size(0), keys = values.size(1), width = values.size(2);
    at::Tensor read = values * shares.unsqueeze(2);  // [A, keys, Dv]
    if (factor.defined()) read = read * factor.unsqueeze(1);
    const at::Tensor output = weights_.attention.output.weight.to(at::kFloat);
    const at::Tensor by_head =
        output.view({output.size(0), heads, width}).permute({1, 2, 0});  // [A, Dv, H]
    at::Tensor vectors = at::matmul(read, by_head).flatten(0, 1);
    const at::Tensor host = shares.to(at::kCPU, at::kDouble).contiguous();
    std::vector<SplitPart> parts;
    for (std::int64_t head = 0; head < heads; ++head) {
        for (std::int64_t key = 0; key < keys; ++key) {
            parts.push_back({.kind = FlowPartKind::attention,
                             .from = key,
                             .head = static_cast<int>(head),
                             .weight = host.const_data_ptr<double>()[head * keys + key]});
        }
    }
    const at::Tensor& bias = weights_.attention.output.bias;
    if (bias.defined()) {
        vectors = at::cat({vectors, bias.to(at::kFloat).unsqueeze(0)});
        parts.push_back({.kind = FlowPartKind::bias, .from = row});
    }
    vectors = on_the_stream(vectors, weights_.attention_output_norm, spec_.residual_multiplier);
    name_bias(parts, vectors, row);
    append(split, std::move(parts), vectors);
}

// [k, H]: w_e f_e(x) of each chosen expert.
at::Tensor LayerSplitter::chosen_experts(const at::Tensor& x, std::int64_t row,
                                         LayerSplit& split) const {
    const MoeSpec& moe = *spec_.moe();
    const auto& weights = std::get<MoeWeights>(weights_.feed_forward);
    std::vector<at::Tensor> terms;
    for (std::int64_t rank = 0; rank < chosen_.experts.size(1); ++rank) {
        const int expert = chosen_.experts[row][rank].item<int>();
        const double weight = chosen_.weights[row][rank].item<double>();
        const auto e = static_cast<std::size_t>(expert);
        const at::Tensor input = moe.rule.weight_on_input ? x * weight : x;
        const at::Tensor made =
            arithmetic_->feed_forward(input, moe.experts[e], weights.expert(e)).to(at::kFloat);
        terms.push_back(moe.rule.weight_on_input ? made : made * weight);
        split.parts.push_back(
            {.kind = FlowPartKind::expert, .from = row, .expert = expert, .weight = weight});
    }
    if (moe.shared) {
        const SharedExpertWeights& shared = *weights.shared;
        at::Tensor made = arithmetic_->feed_forward(x, moe.shared->expert, shared.expert);
        if (shared.gate) made = arithmetic_->gated(made, arithmetic_->linear(x, *shared.gate));
        terms.push_back(made.to(at::kFloat));
        split.parts.push_back({.kind = FlowPartKind::shared_expert, .from = row});
    }
    return at::cat(terms);
}

void LayerSplitter::add_feed_forward(std::int64_t row, const at::Tensor& middle,
                                     LayerSplit& split) const {
    const at::Tensor read = spec_.parallel ? before_.narrow(0, row, 1) : middle;
    const at::Tensor x = arithmetic_->norm(read, weights_.feed_forward_norm);
    LayerSplit own;
    at::Tensor vectors;
    if (const auto* dense = std::get_if<FeedForwardSpec>(&spec_.feed_forward)) {
        vectors = arithmetic_->feed_forward(x, *dense,
                                            std::get<FeedForwardWeights>(weights_.feed_forward));
        own.parts = {{.kind = FlowPartKind::feed_forward, .from = row}};
    } else {
        vectors = chosen_experts(x, row, own);
    }
    vectors = on_the_stream(vectors, weights_.feed_forward_output_norm, spec_.residual_multiplier);
    name_bias(own.parts, vectors, row);
    append(split, std::move(own.parts), vectors);
}

LayerSplit LayerSplitter::split(std::int64_t row) const {
    LayerSplit split;
    append(split, {{.kind = FlowPartKind::residual, .from = row}}, before_.narrow(0, row, 1));
    add_attention(row, split);
    const at::Tensor middle =
        split.vectors.sum(0, /*keepdim=*/true, at::kDouble).to(before_.scalar_type());
    add_feed_forward(row, middle, split);
    return split;
}

}  // namespace alluvium
