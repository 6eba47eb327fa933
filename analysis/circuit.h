#pragma once
// The roads that groups take through the layers. Shares of a group's tokens throughout: per group,
// the nodes of a layer sum to 1 and the links that leave a node sum to the node's mass.
#include <cstdint>
#include <string_view>
#include <vector>

#include "analysis/estimate.h"
#include "analysis/options.h"
#include "base/ids.h"

namespace alluvium {

// Expert of the node that stands for everything not kept.
inline constexpr int kOtherNode = -1;

enum class NodeKind {
    exclusive,  // kept by one group
    partial,
    shared,  // kept by all groups
    other,
};

// What one group sends through a node.
struct GroupMass {
    std::size_t group = 0;  // index into Analysis::groups
    double mass = 0;
};

struct CircuitNode {
    LayerId layer = 0;
    int expert = 0;
    NodeKind kind = NodeKind::other;
    std::vector<GroupMass> groups;  // only the groups that keep it; `other`: those with any rest
};

struct CircuitLink {
    LayerId layer = 0;  // of its source; it ends at the next routed layer
    int from = 0;
    int to = 0;
    std::size_t group = 0;
    double flow = 0;
};

struct LayerSharing {
    LayerId layer = 0;
    double value = kMissing;      // 1 - mean pairwise total variation distance, over all experts
    double null_mean = kMissing;  // under permuted labels
    double null_p05 = kMissing;   // below this, roads are shared less than by chance
};

struct Circuit {
    CircuitOptions options;
    std::vector<std::uint64_t> tokens;  // [G] with a row at every routed layer: the sample here
    std::vector<CircuitNode> nodes;     // by layer, then expert, `other` last
    std::vector<CircuitLink> links;     // by layer, group, from, to
    std::vector<LayerSharing> sharing;
};

std::string_view to_string(NodeKind kind);

}  // namespace alluvium
