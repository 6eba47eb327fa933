#pragma once
// One batch forward, from token ids to the loss, with everything that the gradient needs.
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/train/trained_weights.h"
#include "model/train/training_routing.h"

namespace alluvium {

// B sequences of S + 1 tokens: every token but the last predicts its successor.
struct TrainingBatch {
    at::Tensor ids;       // [B, S + 1] i64
    at::Tensor language;  // [B, S] i64: expert of each predicting token's language, -1 for none
};

// What the routers of all routed layers did, means over layers. Empty for dense models.
struct RoutingStatistics {
    double entropy = 0;    // of the router's distribution, nats
    double own_share = 0;  // of tokens whose own top-k holds their language's expert
    bool has_own = false;  // whether any token had a language expert
};

struct PassResult {
    at::Tensor loss;                // scalar: cross entropy + balance coefficient x balance loss
    at::Tensor cross_entropy;       // scalar, nats per token, detached
    std::optional<double> balance;  // mean over routed layers, where it was asked for
    std::optional<RoutingStatistics> routing;
};

struct PassOptions {
    TrainingRouting routing = TrainingRouting::dense;
    at::ScalarType narrow = at::kFloat;  // of matrix products and attention: f32, bf16 or f64
    double balance_coefficient = 0;
};

// A packed sequence is one context: a token sees all tokens before it in its sequence. UserError
// where ids are outside the vocabulary, or where language_only meets a token without an expert.
PassResult training_pass(const ModelSpec& spec, const TrainedWeights& weights,
                         const TrainingBatch& batch, const PassOptions& options);

}  // namespace alluvium
