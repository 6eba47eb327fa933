#pragma once
#include <cstdint>

#include "analysis/circuit.h"
#include "analysis/prompt_units.h"
#include "analysis/token_selection.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

// Draws for the null of sharing.
struct CircuitNull {
    unsigned permutations = 200;
    std::uint64_t seed = 0;
};

// The circuit of a token trace. Tokens missing at any routed layer are left out of all, so that
// mass is conserved from the first layer to the last. Mass flow needs recorded weights at every
// layer. Formulas: docs/metrics.md.
Circuit make_circuit(const RoutingTrace& trace, const TokenSelection& selection,
                     const PromptUnits& units, const CircuitOptions& options,
                     const CircuitNull& null, Progress& progress);

}  // namespace alluvium
