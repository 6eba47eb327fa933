#pragma once
// How experts are chosen while training. The strategies are those of Apollo-MoE (arXiv 2410.10626);
// they differ in training only, at inference the model's own rule holds.
#include <string_view>

#include <ATen/core/Tensor.h>

#include "model/router/router_spec.h"

namespace alluvium {

enum class TrainingRouting {
    dense,          // no router
    top_k,          // the model's own rule
    hybrid_k,       // the language's expert replaces the last of the k where it is not among them
    language_only,  // the language's expert alone, weight 1: the router gets no gradient
};

TrainingRouting parse_training_routing(
    std::string_view word);  // dense | top-k | hybrid-k | lang-spec
std::string_view training_routing_word(TrainingRouting routing);

// T tokens, E experts, k chosen (1 with language_only).
struct TrainingChoice {
    at::Tensor experts;        // [T, k] i64, highest probability first except a replaced last one
    at::Tensor weights;        // [T, k], differentiable
    at::Tensor probabilities;  // [T, E], differentiable: softmax over all experts
    double own_share = 0;      // of the tokens with a language expert: those whose own top-k has it
    std::int64_t own_tokens = 0;  // tokens that have a language expert
};

// `logits` [T, E] f32 or f64; `language` [T] i64: the expert of each token's language, -1 for none.
// Tokens without one are routed by the model's own rule; with language_only there must be none.
// Weights are gathered from the softmax at the final choice, then renormalised if the rule says so.
TrainingChoice choose_experts(const at::Tensor& logits, const RouterSpec& rule,
                              TrainingRouting routing, const at::Tensor& language);

// Load balancing of Switch Transformers (arXiv 2101.03961, equation 4): E sum_e f_e P_e, f_e the
// share of the choices that fell on expert e, P_e its mean probability. 1 where both are uniform.
at::Tensor balance_loss(const TrainingChoice& choice);

// Entropy of the router's distribution, mean over tokens, in nats; log E where it is uniform.
double mean_entropy(const at::Tensor& probabilities);

}  // namespace alluvium
