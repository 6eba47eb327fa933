#include "analysis/make_circuit.h"

#include <algorithm>
#include <utility>

#include "analysis/cross_layer_flow.h"

namespace alluvium {
namespace {

FlowSlots slots_of(const CircuitLayer& layer) {
    FlowSlots slots{Grid<std::uint32_t>(layer.kept.size(), layer.mass.cols()), {}};
    for (std::size_t g = 0; g < layer.kept.size(); ++g) {
        const auto& kept = layer.kept[g];
        const auto other = static_cast<std::uint32_t>(kept.size());
        const auto row = slots.slot.row(g);
        std::fill(row.begin(), row.end(), other);
        for (std::uint32_t s = 0; s < other; ++s) row[kept[s]] = s;
        slots.slots.push_back(other + 1);
    }
    return slots;
}

NodeKind kind_of(std::size_t keepers, std::size_t groups) {
    if (keepers == groups) return NodeKind::shared;
    return keepers == 1 ? NodeKind::exclusive : NodeKind::partial;
}

void add_nodes(const CircuitLayer& layer, std::vector<CircuitNode>& nodes) {
    std::vector<std::vector<GroupMass>> keepers(layer.mass.cols());
    CircuitNode other{layer.layer, kOtherNode, NodeKind::other, {}};
    std::size_t groups = 0;
    for (std::size_t g = 0; g < layer.kept.size(); ++g) {
        if (layer.tokens[g] == 0) continue;
        ++groups;
        const auto& kept = layer.kept[g];
        double rest = 0;
        for (std::size_t e = 0; e < keepers.size(); ++e) {
            const bool keeps = std::binary_search(kept.begin(), kept.end(), e);
            if (keeps) keepers[e].push_back({g, layer.mass(g, e)});
            if (!keeps) rest += layer.mass(g, e);
        }
        if (rest > 0) other.groups.push_back({g, rest});
    }
    for (std::size_t e = 0; e < keepers.size(); ++e) {
        if (keepers[e].empty()) continue;
        const NodeKind kind = kind_of(keepers[e].size(), groups);
        nodes.push_back({layer.layer, static_cast<int>(e), kind, std::move(keepers[e])});
    }
    if (!other.groups.empty()) nodes.push_back(std::move(other));
}

int expert_of(const std::vector<std::uint32_t>& kept, std::size_t slot) {
    return slot < kept.size() ? static_cast<int>(kept[slot]) : kOtherNode;
}

void add_links(const CircuitLayer& here, const CircuitLayer& next,
               const std::vector<Grid<double>>& tables, std::vector<CircuitLink>& links) {
    for (std::size_t g = 0; g < tables.size(); ++g) {
        const auto tokens = static_cast<double>(here.tokens[g]);
        for (std::size_t from = 0; from < tables[g].rows(); ++from) {
            for (std::size_t to = 0; to < tables[g].cols(); ++to) {
                const double flow = tables[g](from, to);
                if (!(flow > 0)) continue;
                links.push_back({here.layer, expert_of(here.kept[g], from),
                                 expert_of(next.kept[g], to), g, flow / tokens});
            }
        }
    }
}

}  // namespace

Circuit make_circuit(const RoutingTrace& trace, const TokenSelection& selection,
                     const PromptUnits& units, const CircuitOptions& options,
                     const CircuitNull& null, Progress& progress) {
    const auto measure = [&](const TokenSelection& tokens) {
        return circuit_layers(trace, tokens, units, options, null, progress);
    };
    std::vector<CircuitLayer> layers = measure(selection);
    TokenSelection complete = selection;
    if (const auto missing = missing_anywhere(layers); !missing.empty()) {
        complete = without_rows(selection, missing);
        layers = measure(complete);
    }
    Circuit circuit;
    circuit.options = options;
    circuit.tokens = layers.front().tokens;
    std::vector<FlowSlots> slots;
    for (const CircuitLayer& layer : layers) {
        slots.push_back(slots_of(layer));
        add_nodes(layer, circuit.nodes);
        circuit.sharing.push_back(layer.sharing);
    }
    const FlowTables tables =
        cross_layer_flow(trace, complete, units.labels, slots, options.flow, progress);
    for (std::size_t l = 0; l < tables.size(); ++l) {
        add_links(layers[l], layers[l + 1], tables[l], circuit.links);
    }
    return circuit;
}

std::string_view to_string(NodeKind kind) {
    switch (kind) {
        case NodeKind::exclusive:
            return "exclusive";
        case NodeKind::partial:
            return "partial";
        case NodeKind::shared:
            return "shared";
        case NodeKind::other:
            return "other";
    }
    return "";
}

}  // namespace alluvium
