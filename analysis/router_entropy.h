#pragma once
// How decided the router is, from its probabilities p over all experts.
//
//   token        mean over tokens of -sum_e p log p / log E     0 (one expert) .. 1 (undecided)
//   usage        H(mean over tokens of p), nats                 0 .. log E (all experts alike)
//   information  usage - mean token entropy, nats               I(token; expert), 0 .. log E
//
// No chance level: p is not sampled. p is the softmax of the recorded logits; for routers that
// score by sigmoid (or softplus) the scores divided by their sum, which is said wherever it is
// shown.
#include <string>

#include "analysis/layer_analysis.h"
#include "analysis/token_selection.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

enum class Probabilities {
    softmax,
    normalised_sigmoid,
    normalised_sqrt_softplus,
};

// What the trace says about its router (model.router_json, else the layer's rule); softmax where it
// says nothing.
Probabilities probabilities_of(const TraceHeader& header, std::size_t routed);

// In words, for captions.
std::string to_string(Probabilities probabilities);

// Needs recorded logits; rows that are not finite are left out. All NaN where none is left.
RouterEntropy router_entropy(const RoutingTrace& trace, std::size_t routed,
                             const TokenSelection& selection, Progress& progress);

}  // namespace alluvium
