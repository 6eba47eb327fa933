#pragma once
// What goes from which expert of one routed layer to which of the next.
//
// Each token spreads w_te * w_te' over S_t(l) x S_t(l'), both weights normalised to sum 1, so that
// sum_e' T(e, e') is the mass of e: k^2 pairs, not the k that zipping slot r with slot r would
// give. With top1 the best experts alone carry 1.
#include <cstdint>
#include <vector>

#include "analysis/options.h"
#include "analysis/token_selection.h"
#include "base/grid.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

// Where each expert of one layer goes in each group's picture: [groups, E] slot numbers. Experts
// that a group does not keep share the slot `slots[g] - 1`.
struct FlowSlots {
    Grid<std::uint32_t> slot;
    std::vector<std::uint32_t> slots;  // [groups] kept experts + 1
};

// Sums over tokens, one [slots of l, slots of l + 1] table per pair of layers and group:
// result[l][g]. Every selected row must be present at every layer (TokenSelection without the
// missing rows).
using FlowTables = std::vector<std::vector<Grid<double>>>;
FlowTables cross_layer_flow(const RoutingTrace& trace, const TokenSelection& selection,
                            const std::vector<std::int32_t>& labels,
                            const std::vector<FlowSlots>& layers, FlowKind flow,
                            Progress& progress);

}  // namespace alluvium
