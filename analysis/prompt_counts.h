#pragma once
// One layer's routing, counted per prompt: everything that is tested or resampled starts from here
// and never goes back to the tokens.
#include <cstdint>
#include <vector>

#include "analysis/token_selection.h"
#include "base/grid.h"
#include "captures/routing_trace.h"

namespace alluvium {

// All [prompts, E]; rows of prompts without a selected token are 0.
struct PromptCounts {
    Grid<std::uint32_t> selections;  // tokens of the prompt that chose the expert
    Grid<std::uint32_t> top1;        // ... as their best
    Grid<double> mass;               // summed weights, each token's normalised to sum 1; on demand
    std::vector<std::uint32_t> tokens;  // [prompts] with a row at this layer
    // Selected rows that are missing here: unreadable ids, or, where mass is counted, weights that
    // are not finite or sum to 0. Ascending, disjoint.
    std::vector<TokenRange> missing;
    std::uint64_t missing_tokens = 0;
};

// Reads the layer once, in blocks. `with_mass` needs recorded weights.
PromptCounts count_prompts(const RoutingTrace& trace, std::size_t routed,
                           const TokenSelection& selection, bool with_mass, Progress& progress);

// As the rows of resampling.
Grid<double> to_weights(const Grid<std::uint32_t>& counts);

}  // namespace alluvium
