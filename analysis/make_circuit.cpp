#include "analysis/make_circuit.h"

#include <algorithm>

#include "analysis/cross_layer_flow.h"
#include "analysis/kept_experts.h"
#include "analysis/null_band.h"
#include "analysis/prompt_counts.h"
#include "analysis/resampling.h"
#include "analysis/share.h"
#include "analysis/sharing.h"

namespace alluvium {
namespace {

// What one layer contributes before links are known.
struct CircuitLayer {
    Grid<double> mass;                             // [G, E] shares
    std::vector<std::vector<std::uint32_t>> kept;  // [G] ascending
    LayerSharing sharing;
    std::vector<std::uint64_t> tokens;  // [G]
    std::vector<TokenRange> missing;
};

std::vector<std::uint64_t> tokens_by_group(const PromptCounts& counts, const PromptUnits& units) {
    std::vector<std::uint64_t> tokens(units.groups, 0);
    for (std::size_t p = 0; p < units.labels.size(); ++p) {
        if (units.labels[p] >= 0)
            tokens[static_cast<std::size_t>(units.labels[p])] += counts.tokens[p];
    }
    return tokens;
}

LayerSharing measure_sharing(const Grid<double>& rows, const Grid<double>& mass,
                             const PromptUnits& units, const Grid<std::int32_t>& null) {
    LayerSharing result;
    result.value = sharing(mass);
    std::vector<double> draws(null.rows());
    for (std::size_t b = 0; b < draws.size(); ++b) {
        draws[b] = sharing(shares(sum_by_label(rows, null.row(b), units.groups)));
    }
    if (draws.empty()) return result;
    result.null_mean = 0;
    for (const double d : draws) result.null_mean += d / static_cast<double>(draws.size());
    result.null_p05 = lower_quantile(draws, 0.05);
    return result;
}

class CircuitBuilder {
  public:
    CircuitBuilder(const RoutingTrace& trace, const PromptUnits& units,
                   const CircuitOptions& options, const CircuitNull& null, Progress& progress)
        : trace_(trace), units_(units), options_(options), progress_(progress) {
        if (units.no_permutation.empty()) {
            null_ = permuted_labels(units, null.permutations, null.seed);
        }
    }

    std::vector<CircuitLayer> layers(const TokenSelection& selection) {
        std::vector<CircuitLayer> result;
        for (std::size_t l = 0; l < trace_.layers().size(); ++l) {
            result.push_back(layer(l, selection));
        }
        return result;
    }

    Circuit circuit(const std::vector<CircuitLayer>& layers, const TokenSelection& selection) {
        Circuit result;
        result.options = options_;
        if (layers.empty()) return result;
        result.tokens = layers.front().tokens;
        std::vector<FlowSlots> slots;
        for (std::size_t l = 0; l < layers.size(); ++l) {
            slots.push_back(slots_of(layers[l]));
            add_nodes(layers[l], trace_.layers()[l].layer, result);
            result.sharing.push_back(layers[l].sharing);
        }
        const FlowTables tables =
            cross_layer_flow(trace_, selection, units_.labels, slots, options_.flow, progress_);
        for (std::size_t l = 0; l < tables.size(); ++l) add_links(layers, l, tables[l], result);
        return result;
    }

  private:
    CircuitLayer layer(std::size_t l, const TokenSelection& selection) {
        const bool by_mass = options_.flow == FlowKind::mass;
        PromptCounts counts = count_prompts(trace_, l, selection, by_mass, progress_);
        const Grid<double> rows = by_mass ? std::move(counts.mass) : to_weights(counts.top1);
        CircuitLayer result;
        result.tokens = tokens_by_group(counts, units_);
        result.mass = shares(sum_by_label(rows, units_.labels, units_.groups));
        const Grid<double> ratio =
            token_ratios(sum_by_label(to_weights(counts.selections), units_.labels, units_.groups),
                         result.tokens);
        for (std::size_t g = 0; g < units_.groups; ++g) {
            result.kept.push_back(
                result.tokens[g] == 0
                    ? std::vector<std::uint32_t>()
                    : kept_experts(options_.keep, result.mass.row(g), ratio.row(g)));
        }
        result.sharing = measure_sharing(rows, result.mass, units_, null_);
        result.sharing.layer = trace_.layers()[l].layer;
        result.missing = std::move(counts.missing);
        return result;
    }

    FlowSlots slots_of(const CircuitLayer& layer) const {
        FlowSlots slots{Grid<std::uint32_t>(units_.groups, layer.mass.cols()), {}};
        for (std::size_t g = 0; g < units_.groups; ++g) {
            const auto& kept = layer.kept[g];
            const auto other = static_cast<std::uint32_t>(kept.size());
            const auto row = slots.slot.row(g);
            std::fill(row.begin(), row.end(), other);
            for (std::uint32_t s = 0; s < other; ++s) row[kept[s]] = s;
            slots.slots.push_back(other + 1);
        }
        return slots;
    }

    NodeKind kind_of(std::size_t keepers) const {
        std::size_t groups = 0;
        for (const std::uint64_t n : tokens_) groups += n > 0;
        if (keepers == groups) return NodeKind::shared;
        return keepers == 1 ? NodeKind::exclusive : NodeKind::partial;
    }

    void add_nodes(const CircuitLayer& layer, LayerId id, Circuit& circuit) {
        tokens_ = layer.tokens;
        std::vector<std::vector<GroupMass>> keepers(layer.mass.cols());
        CircuitNode other{id, kOtherNode, NodeKind::other, {}};
        for (std::size_t g = 0; g < units_.groups; ++g) {
            if (layer.tokens[g] == 0) continue;
            const auto& kept = layer.kept[g];
            double rest = 0;
            for (std::size_t e = 0; e < layer.mass.cols(); ++e) {
                const double mass = layer.mass(g, e);
                if (std::binary_search(kept.begin(), kept.end(), e)) {
                    keepers[e].push_back({g, mass});
                } else {
                    rest += mass;
                }
            }
            if (rest > 0) other.groups.push_back({g, rest});
        }
        for (std::size_t e = 0; e < keepers.size(); ++e) {
            if (keepers[e].empty()) continue;
            const NodeKind kind = kind_of(keepers[e].size());
            circuit.nodes.push_back({id, static_cast<int>(e), kind, std::move(keepers[e])});
        }
        if (!other.groups.empty()) circuit.nodes.push_back(std::move(other));
    }

    void add_links(const std::vector<CircuitLayer>& layers, std::size_t l,
                   const std::vector<Grid<double>>& tables, Circuit& circuit) const {
        const auto expert = [](const std::vector<std::uint32_t>& kept, std::size_t slot) {
            return slot < kept.size() ? static_cast<int>(kept[slot]) : kOtherNode;
        };
        for (std::size_t g = 0; g < units_.groups; ++g) {
            const auto tokens = static_cast<double>(layers[l].tokens[g]);
            for (std::size_t from = 0; from < tables[g].rows(); ++from) {
                for (std::size_t to = 0; to < tables[g].cols(); ++to) {
                    const double flow = tables[g](from, to);
                    if (!(flow > 0)) continue;
                    circuit.links.push_back({layers[l].sharing.layer,
                                             expert(layers[l].kept[g], from),
                                             expert(layers[l + 1].kept[g], to), g, flow / tokens});
                }
            }
        }
    }

    const RoutingTrace& trace_;
    const PromptUnits& units_;
    const CircuitOptions& options_;
    Progress& progress_;
    Grid<std::int32_t> null_;  // permuted labels; empty: none
    std::vector<std::uint64_t> tokens_;
};

// Rows missing at any layer, ascending and disjoint.
std::vector<TokenRange> missing_anywhere(const std::vector<CircuitLayer>& layers) {
    std::vector<TokenRange> all;
    for (const CircuitLayer& layer : layers) {
        all.insert(all.end(), layer.missing.begin(), layer.missing.end());
    }
    std::sort(all.begin(), all.end(), [](TokenRange a, TokenRange b) { return a.begin < b.begin; });
    std::vector<TokenRange> merged;
    for (const TokenRange range : all) {
        if (!merged.empty() && range.begin <= merged.back().end) {
            merged.back().end = std::max(merged.back().end, range.end);
        } else {
            merged.push_back(range);
        }
    }
    return merged;
}

}  // namespace

Circuit make_circuit(const RoutingTrace& trace, const TokenSelection& selection,
                     const PromptUnits& units, const CircuitOptions& options,
                     const CircuitNull& null, Progress& progress) {
    CircuitBuilder builder(trace, units, options, null, progress);
    std::vector<CircuitLayer> layers = builder.layers(selection);
    const std::vector<TokenRange> missing = missing_anywhere(layers);
    if (missing.empty()) return builder.circuit(layers, selection);
    const TokenSelection complete = without_rows(selection, missing);
    layers = builder.layers(complete);
    return builder.circuit(layers, complete);
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
