#pragma once
// The tensors of a model, in the shape of its spec.
#include <optional>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>

namespace alluvium {

struct LinearWeights {
    at::Tensor weight;  // [out, in]
    at::Tensor bias;    // [out] or undefined
};

struct NormWeights {
    at::Tensor weight;
    double epsilon = 0;
};

struct FeedForwardWeights {
    LinearWeights gate;
    LinearWeights up;
    LinearWeights down;
};

struct AttentionWeights {
    LinearWeights query;
    LinearWeights key;
    LinearWeights value;
    LinearWeights output;
    std::optional<NormWeights> query_norm;
    std::optional<NormWeights> key_norm;
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
};

}  // namespace alluvium
