#pragma once
// Where the nodes and strands of a circuit lie: few crossings, related roads side by side.
#include <cstddef>
#include <vector>

#include "analysis/figures/circuit_model.h"

namespace alluvium {

// Points; y = 0 is the top of the picture.
struct CircuitSpace {
    double height = 0;
    double slot = 0;  // the least room a node takes: its number must be readable
    double gap = 0;   // between nodes
};

// Where a cable leaves or arrives.
struct CableEnds {
    double from_top = 0, to_top = 0;
};

struct CircuitLayout {
    double scale = 0;                             // points per mass of 1
    std::vector<double> centers;                  // per node
    std::vector<CableEnds> cables;                // per cable; strands follow in lane order
    std::vector<std::vector<std::size_t>> order;  // per column, nodes from top to bottom
};

// Deterministic: barycentre sweeps from the order of the lanes, then relaxation of the heights.
CircuitLayout layout_circuit(const CircuitModel& model, const CircuitSpace& space);

// Crossings between neighbouring columns, each weighted with the product of the two flows.
double weighted_crossings(const CircuitModel& model,
                          const std::vector<std::vector<std::size_t>>& order);

}  // namespace alluvium
