#include "analysis/stream/stream_json.h"

namespace alluvium {
namespace {

// [value, low, high]; null where there is no value.
Json interval(const Estimate& e) {
    if (!e.has_value()) return nullptr;
    return Json::array({json_number(e.value), json_number(e.low), json_number(e.high)});
}

// The routing's verdict calls it by the layers that have a router.
std::string_view word(Pattern pattern) {
    return pattern == Pattern::too_few_routed_layers ? "too_few_layers" : to_string(pattern);
}

Json layer_json(const StreamLayer& layer, const std::vector<std::string>& groups) {
    Json told = Json::object();
    for (std::size_t g = 0; g < groups.size(); ++g) {
        told[groups[g]] = json_number(layer.probe.by_label[g]);
    }
    return {{"layer", layer.layer},
            {"routed", layer.routed},
            {"prompts", layer.prompts},
            {"language_variance", interval(layer.language_variance)},
            {"translation_distance", interval(layer.translations.distance)},
            {"unrelated_distance", json_number(layer.translations.unrelated)},
            {"probe",
             {{"accuracy", interval(layer.probe.accuracy)},
              {"chance", json_number(layer.probe.chance)},
              {"groups", std::move(told)}}}};
}

}  // namespace

Json stream_json(const StreamAnalysis& analysis) {
    Json layers = Json::array();
    for (const StreamLayer& layer : analysis.layers) {
        layers.push_back(layer_json(layer, analysis.groups));
    }
    const Verdict& v = analysis.verdict;
    return {{"by", analysis.by},
            {"where", analysis.where},
            {"source", analysis.from_means ? "means" : "hidden"},
            {"groups", analysis.groups},
            {"prompts", analysis.design.prompts},
            {"units", analysis.design.units},
            {"unit", analysis.design.unit_name},
            {"layers", std::move(layers)},
            {"verdict",
             {{"pattern", word(v.pattern)},
              {"early", json_number(v.early)},
              {"middle", json_number(v.middle)},
              {"late", json_number(v.late)},
              {"d_late", interval(v.d_late)},
              {"d_early", interval(v.d_early)}}},
            {"sentence", analysis.sentence},
            {"missing", analysis.missing}};
}

}  // namespace alluvium
