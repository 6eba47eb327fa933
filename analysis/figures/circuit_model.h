#pragma once
// A circuit as it is drawn: groups bundled into lanes, small nodes of crowded layers bundled into
// one, links between the same two nodes bundled into cables.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/groups.h"

namespace alluvium {

// Groups that share a colour and are drawn as one strand: a language, or, where there are too many
// to tell apart, a family.
struct Lane {
    std::string name;
    std::string language;             // of the name
    std::vector<std::size_t> groups;  // of the analysis
    Color color;
};

// Expert of a node that stands for several kept experts of its layer. They are of one kind and kept
// by the same lanes, except in the last bundle of a crowded layer, which holds what is left.
inline constexpr int kBundledNode = -2;

struct DrawnNode {
    std::size_t column = 0;
    int layer = 0;
    int expert = 0;
    std::size_t bundled = 0;  // experts in it, where expert == kBundledNode
    NodeKind kind = NodeKind::partial;
    std::vector<GroupMass> groups = {};
    std::vector<double> lanes = {};  // mass
    double mass = 0;
};

struct Cable {
    std::size_t from = 0, to = 0;  // nodes
    std::vector<double> groups;    // flow
    std::vector<double> lanes;
    double flow = 0;
    // Every group sends something along it, and each expert at its ends is kept by all groups.
    bool shared_by_all = false;
};

struct CircuitColumn {
    int layer = 0;
    std::vector<std::size_t> nodes;
    double other = 0;                // mean over groups of the mass that is not kept
    std::vector<GroupMass> outside;  // the same, per group
};

struct CircuitModel {
    std::vector<Lane> lanes;  // top to bottom
    std::vector<CircuitColumn> columns;
    std::vector<DrawnNode> nodes;
    std::vector<Cable> cables;  // between kept nodes only
    std::size_t bundled = 0;    // experts that stand in bundled nodes
};

struct CircuitModelOptions {
    std::vector<std::size_t> selected = {};  // groups
    std::size_t most_nodes = 16;             // per layer
    int first_layer = 0;
    int last_layer = -1;  // -1: to the top
};

CircuitModel circuit_model(const Circuit& circuit, std::span<const GroupLook> looks,
                           const CircuitModelOptions& options, const Theme& theme);

}  // namespace alluvium
