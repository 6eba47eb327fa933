#pragma once
// The tensors of a model, in the shape of its spec.
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/forward/decoded_experts.h"

namespace alluvium {

struct NormWeights {
    at::Tensor weight;
    double epsilon = 0;
    NormKind kind = NormKind::root_mean_square;
    at::Tensor bias{};  // or undefined
};

struct LatentWeights {
    std::optional<LinearWeights> query_down;
    std::optional<NormWeights> query_norm;
    LinearWeights down;
    NormWeights norm;
    LinearWeights up;
};

struct DeltaWeights {
    LinearWeights query, key, value, gate, strength, fading;
    at::Tensor fading_rate;    // [VH] f32, exp() taken
    at::Tensor fading_offset;  // [VH] f32
    at::Tensor convolution;    // [C, taps] f32
    NormWeights norm;
};

struct AttentionWeights {
    LinearWeights query;
    LinearWeights key;
    LinearWeights value;
    LinearWeights output;
    std::optional<NormWeights> query_norm;
    std::optional<NormWeights> key_norm;
    at::Tensor sinks{};  // [A] f32 or undefined
    std::optional<LinearWeights> gate{};
    std::optional<LatentWeights> latent{};
    std::optional<DeltaWeights> delta{};
};

struct SharedExpertWeights {
    FeedForwardWeights expert;
    std::optional<LinearWeights> gate;
};

struct MoeWeights {
    LinearWeights router;                     // f32: logits are never rounded to a smaller type
    at::Tensor choice_bias;                   // [E] f32 or undefined
    std::vector<FeedForwardWeights> experts;  // none where `decoded` has them
    std::optional<SharedExpertWeights> shared;
    std::shared_ptr<const DecodedExperts> decoded{};

    FeedForwardWeights expert(std::size_t e) const {
        return decoded ? decoded->expert(e) : experts[e];
    }
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
