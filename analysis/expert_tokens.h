#pragma once
// Vocabulary specialisation: which tokens an expert takes more often than it takes any.
//
//   lift(e, v) = P(e | v) / P(e): how many times as often tokens of id v choose expert e as tokens
//   do at large. Range 0 .. E / k in the mean; chance 1.
//
// Listed are the ids with the largest surplus N_ev - N_v P(e), which favours neither rare ids of
// large lift nor common ones of none. Source: OLMoE (arXiv 2409.02060), section 5.
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/token_selection.h"

namespace alluvium {

struct ExpertToken {
    std::uint32_t id = 0;
    std::string text;  // of its first occurrence, whole characters; empty for prompts given as ids
    std::uint64_t count = 0;  // tokens of this id that chose the expert
    double lift = 0;
};

struct ExpertVocabulary {
    ExpertId expert = 0;
    std::uint64_t selections = 0;
    std::vector<ExpertToken> tokens;  // largest surplus first; surplus > 0 only
};

// One per expert of the layer.
std::vector<ExpertVocabulary> expert_tokens(const RoutingTrace& trace, std::size_t routed,
                                            const TokenSelection& selection, std::size_t per_expert,
                                            Progress& progress);

}  // namespace alluvium
