#pragma once
// The tensors of a model, in the shape of its spec.
#include <optional>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"

namespace alluvium {

struct LinearWeights {
    at::Tensor weight;  // [out, in]
    at::Tensor bias;    // [out] or undefined
};

struct NormWeights {
    at::Tensor weight;
    double epsilon = 0;
    NormKind kind = NormKind::root_mean_square;
    at::Tensor bias{};  // or undefined
};

struct FeedForwardWeights {
    LinearWeights gate;
    LinearWeights up;  // undefined where not gated
    LinearWeights down;
};

struct LatentWeights {
    std::optional<LinearWeights> query_down;
    std::optional<NormWeights> query_norm;
    LinearWeights down;
    NormWeights norm;
    LinearWeights up;
};

struct AttentionWeights {
    LinearWeights query;
    LinearWeights key;
    LinearWeights value;
    LinearWeights output;
    std::optional<NormWeights> query_norm;
    std::optional<NormWeights> key_norm;
    at::Tensor sinks{};  // [A] f32 or undefined
    std::optional<LatentWeights> latent{};
};

struct SharedExpertWeights {
    FeedForwardWeights expert;
    std::optional<LinearWeights> gate;
};

struct MoeWeights {
    LinearWeights router;    // f32: logits are never rounded to a smaller type
    at::Tensor choice_bias;  // [E] f32 or undefined
    std::vector<FeedForwardWeights> experts;
    std::optional<SharedExpertWeights> shared;
};

struct LayerWeights {
    NormWeights attention_norm;
    AttentionWeights attention;
    NormWeights feed_forward_norm;
    std::variant<FeedForwardWeights, MoeWeights> feed_forward;
    std::optional<NormWeights> attention_output_norm{};
    std::optional<NormWeights> feed_forward_output_norm{};
};

}  // namespace alluvium
