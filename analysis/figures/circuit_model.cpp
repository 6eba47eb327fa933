#include "analysis/figures/circuit_model.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <numeric>
#include <set>

#include "analysis/figures/colors.h"

namespace alluvium {
namespace {

// Strands of more groups than this cannot be followed by eye.
constexpr std::size_t kMostLanes = 12;

bool is_selected(std::span<const std::size_t> selected, std::size_t group) {
    return std::find(selected.begin(), selected.end(), group) != selected.end();
}

std::vector<Lane> selected_lanes(std::span<const GroupLook> looks,
                                 std::span<const std::size_t> selected, const Theme& theme) {
    const std::vector<Color> colors = group_colors(looks, selected, theme);
    std::vector<Lane> lanes;
    Lane rest{"others", {}, {}, neutral_color(theme)};
    for (const std::size_t g : family_order(looks)) {
        if (is_selected(selected, g))
            lanes.push_back({looks[g].name, looks[g].language, {g}, colors[g]});
        else
            rest.groups.push_back(g);
    }
    if (!rest.groups.empty()) lanes.push_back(std::move(rest));
    return lanes;
}

std::vector<Lane> family_lanes(std::span<const GroupLook> looks, const Theme& theme) {
    std::vector<Lane> lanes;
    std::vector<GroupLook> families;
    for (const std::size_t g : family_order(looks)) {
        const std::string family = looks[g].family.empty() ? "no family" : looks[g].family;
        if (lanes.empty() || lanes.back().name != family) lanes.push_back({family, {}, {}, {}});
        lanes.back().groups.push_back(g);
    }
    if (lanes.size() > kMostLanes) {
        Lane rest{"other families", {}, {}, {}};
        for (std::size_t i = kMostLanes - 1; i < lanes.size(); ++i)
            rest.groups.insert(rest.groups.end(), lanes[i].groups.begin(), lanes[i].groups.end());
        lanes.resize(kMostLanes - 1);
        lanes.push_back(std::move(rest));
    }
    // Names that sort as the lanes stand, so that neighbours get neighbouring hues.
    for (std::size_t i = 0; i < lanes.size(); ++i)
        families.push_back({std::to_string(100 + i), std::to_string(100 + i), {}, "lane", {}});
    const std::vector<Color> colors = group_colors(families, {}, theme);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        lanes[i].color = colors[i];
        if (lanes[i].groups.size() > 1)
            lanes[i].name += " (" + std::to_string(lanes[i].groups.size()) + ")";
    }
    return lanes;
}

std::vector<Lane> lanes_of(std::span<const GroupLook> looks, std::span<const std::size_t> selected,
                           const Theme& theme) {
    if (!selected.empty()) return selected_lanes(looks, selected, theme);
    if (looks.size() > kMostLanes) return family_lanes(looks, theme);
    const std::vector<Color> colors = group_colors(looks, {}, theme);
    std::vector<Lane> lanes;
    for (const std::size_t g : family_order(looks))
        lanes.push_back({looks[g].name, looks[g].language, {g}, colors[g]});
    return lanes;
}

class ModelBuilder {
  public:
    ModelBuilder(const Circuit& circuit, std::span<const GroupLook> looks,
                 const CircuitModelOptions& options, const Theme& theme)
        : circuit_(circuit), options_(options), group_count_(looks.size()) {
        model_.lanes = lanes_of(looks, options.selected, theme);
        lane_of_.resize(group_count_);
        for (std::size_t lane = 0; lane < model_.lanes.size(); ++lane)
            for (const std::size_t g : model_.lanes[lane].groups) lane_of_[g] = lane;
    }

    CircuitModel build() {
        add_columns();
        add_cables();
        return std::move(model_);
    }

  private:
    using Key = std::pair<int, int>;  // layer, expert

    bool shown(int layer) const {
        return layer >= options_.first_layer &&
               (options_.last_layer < 0 || layer <= options_.last_layer);
    }

    static double mass_of(const CircuitNode& node) {
        double mass = 0;
        for (const GroupMass& g : node.groups) mass += g.mass;
        return mass;
    }

    void add_columns() {
        std::map<int, std::vector<const CircuitNode*>> layers;
        for (const CircuitNode& node : circuit_.nodes)
            if (shown(node.layer)) layers[node.layer].push_back(&node);
        for (auto& [layer, nodes] : layers) {
            model_.columns.push_back({layer, {}, 0, {}});
            const auto others = std::stable_partition(
                nodes.begin(), nodes.end(),
                [](const CircuitNode* node) { return node->expert != kOtherNode; });
            for (auto other = others; other != nodes.end(); ++other) note_other(**other);
            nodes.erase(others, nodes.end());
            add_nodes(nodes);
        }
    }

    void note_other(const CircuitNode& node) {
        CircuitColumn& column = model_.columns.back();
        column.outside = node.groups;
        column.other = mass_of(node) / static_cast<double>(std::max<std::size_t>(group_count_, 1));
    }

    using Nodes = std::vector<const CircuitNode*>;

    static void sort_by_mass(Nodes& nodes) {
        std::stable_sort(
            nodes.begin(), nodes.end(),
            [](const CircuitNode* a, const CircuitNode* b) { return mass_of(*a) > mass_of(*b); });
    }

    // What a bundle's experts must have in common: kind and lanes. A bundle is then as truthful as
    // its experts: nothing in it is shared that is not shared expert by expert.
    std::pair<NodeKind, std::set<std::size_t>> signature(const CircuitNode& node) const {
        std::set<std::size_t> lanes;
        for (const GroupMass& g : node.groups) lanes.insert(lane_of_[g.group]);
        return {node.kind, std::move(lanes)};
    }

    std::vector<Nodes> bundles_of(const Nodes& nodes) const {
        std::map<std::pair<NodeKind, std::set<std::size_t>>, Nodes> by_signature;
        for (const CircuitNode* node : nodes) by_signature[signature(*node)].push_back(node);
        std::vector<Nodes> bundles;
        for (auto& [key, members] : by_signature) bundles.push_back(std::move(members));
        const auto mass = [](const Nodes& bundle) {
            double sum = 0;
            for (const CircuitNode* node : bundle) sum += mass_of(*node);
            return sum;
        };
        std::stable_sort(bundles.begin(), bundles.end(),
                         [&](const Nodes& a, const Nodes& b) { return mass(a) > mass(b); });
        return bundles;
    }

    // In a crowded layer the heaviest experts keep nodes of their own, the others are bundled.
    void add_nodes(Nodes& nodes) {
        sort_by_mass(nodes);
        std::size_t single = nodes.size();
        std::vector<Nodes> bundles;
        if (nodes.size() > options_.most_nodes) {
            const std::size_t room = std::max<std::size_t>(options_.most_nodes, 3);
            const std::size_t most_bundles = room - room / 3;
            single = room - std::min(most_bundles, bundles_of(nodes).size());
            bundles =
                bundles_of(Nodes(nodes.begin() + static_cast<std::ptrdiff_t>(single), nodes.end()));
            while (single + bundles.size() > room) {
                Nodes last = std::move(bundles.back());
                bundles.pop_back();
                bundles.back().insert(bundles.back().end(), last.begin(), last.end());
            }
        }
        for (std::size_t i = 0; i < single; ++i) add_bundle({nodes[i]});
        for (const Nodes& bundle : bundles) add_bundle(bundle);
    }

    void add_bundle(const Nodes& members) {
        DrawnNode node{.layer = members.front()->layer,
                       .expert = members.front()->expert,
                       .kind = members.front()->kind};
        std::vector<double> mass(group_count_, 0.0);
        std::vector<int> experts;
        for (const CircuitNode* member : members) {
            experts.push_back(member->expert);
            if (signature(*member) != signature(*members.front())) node.kind = NodeKind::partial;
            for (const GroupMass& g : member->groups) mass[g.group] += g.mass;
        }
        for (std::size_t g = 0; g < group_count_; ++g)
            if (mass[g] > 0) node.groups.push_back({g, mass[g]});
        if (members.size() > 1) {
            node.expert = kBundledNode;
            node.bundled = members.size();
            model_.bundled += members.size();
        }
        add_node(std::move(node), experts);
    }

    void add_node(DrawnNode node, const std::vector<int>& experts) {
        node.column = model_.columns.size() - 1;
        node.lanes.assign(model_.lanes.size(), 0.0);
        for (const GroupMass& g : node.groups) {
            node.lanes[lane_of_[g.group]] += g.mass;
            node.mass += g.mass;
        }
        for (const int expert : experts) place_[{node.layer, expert}] = model_.nodes.size();
        model_.columns.back().nodes.push_back(model_.nodes.size());
        model_.nodes.push_back(std::move(node));
    }

    void add_cables() {
        std::map<int, int> next;
        for (std::size_t c = 0; c + 1 < model_.columns.size(); ++c)
            next[model_.columns[c].layer] = model_.columns[c + 1].layer;
        std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
        for (const CircuitLink& link : circuit_.links) {
            const auto to_layer = next.find(link.layer);
            if (link.from == kOtherNode || link.to == kOtherNode || to_layer == next.end() ||
                !(link.flow > 0))
                continue;
            const auto from = place_.find({link.layer, link.from});
            const auto to = place_.find({to_layer->second, link.to});
            if (from == place_.end() || to == place_.end()) continue;
            const auto [at, is_new] =
                known.emplace(std::pair(from->second, to->second), model_.cables.size());
            if (is_new)
                model_.cables.push_back({from->second, to->second,
                                         std::vector<double>(group_count_, 0.0),
                                         std::vector<double>(model_.lanes.size(), 0.0), 0, false});
            Cable& cable = model_.cables[at->second];
            cable.groups[link.group] += link.flow;
            cable.lanes[lane_of_[link.group]] += link.flow;
            cable.flow += link.flow;
        }
        for (Cable& cable : model_.cables)
            cable.shared_by_all = group_count_ > 1 &&
                                  model_.nodes[cable.from].kind == NodeKind::shared &&
                                  model_.nodes[cable.to].kind == NodeKind::shared &&
                                  std::all_of(cable.groups.begin(), cable.groups.end(),
                                              [](double flow) { return flow > 0; });
    }

    const Circuit& circuit_;
    const CircuitModelOptions& options_;
    const std::size_t group_count_;
    CircuitModel model_;
    std::vector<std::size_t> lane_of_;  // group -> lane
    std::map<Key, std::size_t> place_;  // -> node
};

}  // namespace

CircuitModel circuit_model(const Circuit& circuit, std::span<const GroupLook> looks,
                           const CircuitModelOptions& options, const Theme& theme) {
    return ModelBuilder(circuit, looks, options, theme).build();
}

}  // namespace alluvium
