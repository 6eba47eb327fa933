#pragma once
// What the experts of one layer are like: the tokens that each takes, and which are chosen
// together.
#include <cstddef>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/expert_companions.h"
#include "analysis/expert_tokens.h"

namespace alluvium {

struct LayerExperts {
    std::vector<ExpertVocabulary> vocabulary;              // [experts]
    std::vector<std::vector<ExpertCompanion>> companions;  // [experts]
};

// Counts the tokens that the options take. `routed` is the index among the trace's routed layers.
// UserError for a trace of counts or without the choices of that layer.
LayerExperts read_layer_experts(const RoutingTrace& trace, std::size_t routed,
                                const AnalysisOptions& options, Progress& progress);

}  // namespace alluvium
