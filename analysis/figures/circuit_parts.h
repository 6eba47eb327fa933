#pragma once
// Pieces of the circuit figure: nodes, its key and its words.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/groups.h"
#include "analysis/figures/page.h"

namespace alluvium {

struct NodeSegment {
    double share = 0;  // of the node's height
    Color color;
};

// A bar of segments whose outline tells the kinds apart without colour: exclusive = square and
// thick, partial = square and thin, shared = in a rounded frame.
void draw_node(Page& page, const Rect& rect, NodeKind kind, std::span<const NodeSegment> segments,
               int datum);

struct CircuitKey {
    std::string group, groups;  // "language", "languages"
    std::size_t bundled = 0;    // experts that stand in bundles
    bool single_group = false;
    bool neutral_cables = true;  // drawn for what all groups share
};

// Samples and what they mean; returns the y below.
double draw_circuit_key(Page& page, const CircuitKey& key, const Rect& into);

// "Languages travel together, then fan out: overlap 0.95 in layer 0, 0.16 in layer 11".
std::string circuit_finding(const Analysis& analysis, const Circuit& circuit);

// Which experts are kept, what the width of a ribbon is, the sample.
std::string circuit_subtitle(const Analysis& analysis, std::span<const GroupLook> looks);

}  // namespace alluvium
