#include "analysis/choice_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace alluvium {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// The part of model.router_json that says what a choice goes by.
struct Rule {
    std::string scoring;  // "none": the logits themselves
    bool has_bias = false;
    std::size_t groups = 1;
    std::size_t kept_groups = 1;
    bool best_two = false;  // a group is as good as the sum of its two best
};

Json router_of(const TraceHeader& header) {
    Json router = Json::parse(header.model.router_json, nullptr, false);
    if (!router.is_object() || !router.contains("scoring") || !router.contains("order")) {
        throw UserError("'" + header.path + "' does not say how its routers score",
                        "capture it again with this version");
    }
    return router;
}

Rule rule_of(const Json& router) {
    const bool scored = router["order"] == "score_then_top_k";
    return {scored ? router["scoring"].get<std::string>() : "none", router.value("bias", false),
            router.value("groups", std::size_t{1}), router.value("topk_groups", std::size_t{1}),
            router.value("group_score", "best") == "best_two"};
}

std::vector<double> scores(const std::string& scoring, std::span<const float> logits) {
    std::vector<double> values(logits.begin(), logits.end());
    if (scoring == "softmax") {
        const double largest = *std::ranges::max_element(values);
        for (double& v : values) v = std::exp(v - largest);
        const double total = std::accumulate(values.begin(), values.end(), 0.0);
        for (double& v : values) v /= total;
    } else if (scoring == "sigmoid") {
        for (double& v : values) v = 1 / (1 + std::exp(-v));
    } else if (scoring == "sqrt_softplus") {
        for (double& v : values) {
            v = std::sqrt(std::max(v, 0.0) + std::log1p(std::exp(-std::fabs(v))));
        }
    }
    return values;
}

// Marks the experts outside the best groups.
void keep_groups(const Rule& rule, std::vector<ExpertScore>& experts) {
    if (rule.kept_groups >= rule.groups || experts.size() % rule.groups != 0) return;
    const std::size_t size = experts.size() / rule.groups;
    std::vector<std::pair<double, std::size_t>>
        ranked;  // by falling score, ties by the lower index
    for (std::size_t g = 0; g < rule.groups; ++g) {
        std::vector<double> own;
        for (std::size_t e = g * size; e < (g + 1) * size; ++e) own.push_back(experts[e].selection);
        std::ranges::sort(own, std::greater<>{});
        ranked.emplace_back(-(own[0] + (rule.best_two && size > 1 ? own[1] : 0)), g);
    }
    std::ranges::sort(ranked);
    for (std::size_t place = rule.kept_groups; place < rule.groups; ++place) {
        const std::size_t first = ranked[place].second * size;
        for (std::size_t e = first; e < first + size; ++e) experts[e].reachable = false;
    }
}

// The bias of the layer, or nothing where the trace does not tell it.
std::vector<double> bias_of(const Json& router, LayerId layer, std::size_t experts) {
    const auto biases = router.find("choice_bias");
    if (biases == router.end() || !biases->is_object()) return {};
    const auto own = biases->find(std::to_string(layer));
    if (own == biases->end() || !own->is_array() || own->size() != experts) return {};
    return own->get<std::vector<double>>();
}

void add_recorded(const RoutingTrace& trace, std::size_t routed, TokenPos token,
                  std::vector<ExpertScore>& experts) {
    const RoutedLayerInfo& info = trace.layers()[routed];
    if (!info.has_experts) return;
    const TokenRange row{token, token + 1};
    const Grid<ExpertId> chosen = trace.experts(routed, row);
    const Grid<float> weights = info.has_weights ? trace.weights(routed, row) : Grid<float>();
    for (std::size_t rank = 0; rank < chosen.cols(); ++rank) {
        if (chosen(0, rank) == kMissingExpert) continue;
        ExpertScore& expert = experts[chosen(0, rank)];
        expert.rank = static_cast<int>(rank) + 1;
        if (info.has_weights) expert.weight = weights(0, rank);
    }
}

LayerChoice layer_choice(const RoutingTrace& trace, std::size_t routed, TokenPos token,
                         const Json& router) {
    const RoutedLayerInfo& info = trace.layers()[routed];
    const Rule rule = rule_of(router);
    const Grid<float> logits = trace.logits(routed, {token, token + 1});
    const std::vector<double> bias =
        rule.has_bias ? bias_of(router, info.layer, info.experts) : std::vector<double>();
    LayerChoice choice{.layer = info.layer,
                       .rule = info.rule,
                       .bias_known = !rule.has_bias || !bias.empty(),
                       .experts = {}};
    const std::vector<double> score = scores(rule.scoring, logits.row(0));
    for (std::size_t e = 0; e < info.experts; ++e) {
        const double own = bias.empty() ? 0 : bias[e];
        choice.experts.push_back({.expert = static_cast<ExpertId>(e),
                                  .logit = logits(0, e),
                                  .score = score[e],
                                  .bias = own,
                                  .selection = score[e] + own,
                                  .weight = kNothing});
    }
    keep_groups(rule, choice.experts);
    add_recorded(trace, routed, token, choice.experts);
    std::ranges::stable_sort(choice.experts, [](const ExpertScore& a, const ExpertScore& b) {
        return a.reachable != b.reachable ? a.reachable : a.selection > b.selection;
    });
    return choice;
}

}  // namespace

std::vector<LayerChoice> choice_scores(const RoutingTrace& trace, TokenPos token) {
    const TraceHeader& header = trace.header();
    const Json router = router_of(header);
    std::vector<LayerChoice> choices;
    for (std::size_t routed = 0; routed < trace.layers().size(); ++routed) {
        if (!trace.layers()[routed].has_logits) continue;
        choices.push_back(layer_choice(trace, routed, token, router));
    }
    if (!choices.empty()) return choices;
    throw UserError("'" + header.path + "' holds no router logits",
                    "capture it again with --record experts,weights,logits");
}

Json choice_json(const std::vector<LayerChoice>& choices) {
    Json layers = Json::array();
    for (const LayerChoice& choice : choices) {
        Json experts = Json::array();
        for (const ExpertScore& e : choice.experts) {
            experts.push_back(
                {{"expert", e.expert},
                 {"logit", json_number(e.logit)},
                 {"score", json_number(e.score)},
                 {"bias", choice.bias_known ? json_number(e.bias) : Json(nullptr)},
                 {"selection", choice.bias_known ? json_number(e.selection) : Json(nullptr)},
                 {"reachable", e.reachable},
                 {"rank", e.rank == 0 ? Json(nullptr) : Json(e.rank)},
                 {"weight", json_number(e.weight)}});
        }
        layers.push_back({{"layer", choice.layer}, {"rule", choice.rule}, {"experts", experts}});
    }
    return layers;
}

}  // namespace alluvium
