#include "analysis/flow_overlap.h"

#include <algorithm>
#include <map>

#include "analysis/estimate.h"
#include "base/error.h"

namespace alluvium {
namespace {

Json experts_json(const std::vector<FlowExpert>& experts) {
    Json list = Json::array();
    for (const FlowExpert& e : experts) {
        list.push_back({{"expert", e.expert}, {"a", e.a}, {"b", e.b}});
    }
    return list;
}

}  // namespace

double FlowOverlap::jaccard() const {
    const std::size_t all = both + only_a + only_b;
    return all > 0 ? static_cast<double>(both) / static_cast<double>(all) : kMissing;
}

FlowOverlap flow_overlap(const InformationFlow& a, const InformationFlow& b) {
    if (a.model != b.model || a.layers != b.layers) {
        throw UserError("the two predictions are of different models: '" + a.model + "' (" +
                            std::to_string(a.layers) + " layers) and '" + b.model + "' (" +
                            std::to_string(b.layers) + " layers)",
                        "follow both texts through one checkpoint");
    }
    const double threshold = std::max(a.threshold, b.threshold);
    std::map<LayerId, std::map<int, FlowExpert>> kept;
    for (const InformationFlow* flow : {&a, &b}) {
        for (const FlowEdge& edge : flow->edges) {
            if (edge.kind != FlowPartKind::expert || edge.contribution < threshold) continue;
            FlowExpert& expert = kept[edge.layer][edge.expert];
            expert.expert = edge.expert;
            double& most = flow == &a ? expert.a : expert.b;
            most = std::max(most, edge.contribution);
        }
    }
    FlowOverlap overlap;
    for (const auto& [layer, experts] : kept) {
        FlowLayerOverlap& of_layer = overlap.layers.emplace_back();
        of_layer.layer = layer;
        for (const auto& [number, expert] : experts) {
            const bool both = expert.a > 0 && expert.b > 0;
            (both           ? of_layer.both
             : expert.a > 0 ? of_layer.only_a
                            : of_layer.only_b)
                .push_back(expert);
            ++(both ? overlap.both : expert.a > 0 ? overlap.only_a : overlap.only_b);
        }
    }
    return overlap;
}

Json flow_overlap_json(const FlowOverlap& overlap) {
    Json layers = Json::array();
    for (const FlowLayerOverlap& layer : overlap.layers) {
        layers.push_back({{"layer", layer.layer},
                          {"both", experts_json(layer.both)},
                          {"only_a", experts_json(layer.only_a)},
                          {"only_b", experts_json(layer.only_b)}});
    }
    return {{"both", overlap.both},
            {"only_a", overlap.only_a},
            {"only_b", overlap.only_b},
            {"jaccard", json_number(overlap.jaccard())},
            {"layers", std::move(layers)}};
}

}  // namespace alluvium
