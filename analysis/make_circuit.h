#pragma once
#include "analysis/circuit.h"
#include "analysis/circuit_layers.h"

namespace alluvium {

// The circuit of a token trace. Tokens missing at any routed layer are left out of all, so that
// mass is conserved from the first layer to the last. Mass flow needs recorded weights at every
// layer. Formulas: docs/metrics.md.
Circuit make_circuit(const RoutingTrace& trace, const TokenSelection& selection,
                     const PromptUnits& units, const CircuitOptions& options,
                     const CircuitNull& null, Progress& progress);

}  // namespace alluvium
