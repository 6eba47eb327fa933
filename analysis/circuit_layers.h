#pragma once
// What each layer of a circuit is before links are drawn.
#include <cstdint>
#include <vector>

#include "analysis/circuit.h"
#include "analysis/options.h"
#include "analysis/prompt_units.h"
#include "analysis/token_selection.h"
#include "base/grid.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

// Draws for the null of sharing.
struct CircuitNull {
    unsigned permutations = 200;
    std::uint64_t seed = 0;
};

struct CircuitLayer {
    LayerId layer = 0;
    std::vector<std::uint64_t> tokens;             // [G]
    Grid<double> mass;                             // [G, E] shares of the group's mass
    std::vector<std::vector<std::uint32_t>> kept;  // [G] experts kept, ascending
    LayerSharing sharing;
    std::vector<TokenRange> missing;  // selected rows without a usable row here
};

// Every routed layer, bottom up.
std::vector<CircuitLayer> circuit_layers(const RoutingTrace& trace, const TokenSelection& selection,
                                         const PromptUnits& units, const CircuitOptions& options,
                                         const CircuitNull& null, Progress& progress);

// Rows missing at any of the layers, ascending and disjoint.
std::vector<TokenRange> missing_anywhere(const std::vector<CircuitLayer>& layers);

}  // namespace alluvium
