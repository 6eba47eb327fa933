#include "model/families/inspect.h"

namespace alluvium {

Json inspection_json(const Inspection& inspection) {
    const auto or_null = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
    const auto if_known = [](std::uint64_t count) {
        return count > 0 ? Json(count) : Json(nullptr);
    };
    Json layers = Json::array();
    for (const InspectedLayer& layer : inspection.layers) {
        layers.push_back({{"layer", layer.layer},
                          {"kind", layer.routed ? "moe" : "dense"},
                          {"experts", layer.experts},
                          {"top_k", layer.top_k},
                          {"shared_experts", layer.shared_experts}});
    }
    Json problems = Json::array();
    for (const InspectionProblem& problem : inspection.problems) {
        problems.push_back({{"what", problem.what}, {"hint", problem.hint}});
    }
    return {{"name", inspection.name},
            {"family", inspection.family},
            {"hidden_size", or_null(inspection.hidden_size)},
            {"vocab_size", or_null(inspection.vocab_size)},
            {"layers", layers},
            {"router", inspection.router ? router_json(*inspection.router) : Json(nullptr)},
            {"parameters",
             {{"total", if_known(inspection.parameters_total)},
              {"active", or_null(inspection.parameters_active)}}},
            {"dtypes", inspection.bytes_by_dtype},
            {"bytes_on_disk", if_known(inspection.bytes_on_disk)},
            {"memory_needed", or_null(inspection.memory_needed)},
            {"problems", problems},
            {"unchecked", inspection.unchecked}};
}

Json router_json(const RouterSpec& spec) {
    const auto scoring = [&] {
        switch (spec.scoring) {
            case Scoring::softmax:
                return "softmax";
            case Scoring::sigmoid:
                return "sigmoid";
            case Scoring::sqrt_softplus:
                return "sqrt_softplus";
            case Scoring::none:
                return "none";
        }
        return "none";
    };
    const auto order = [&] {
        switch (spec.order) {
            case SelectionOrder::score_then_top_k:
                return "score_then_top_k";
            case SelectionOrder::top_k_then_softmax:
                return "top_k_then_softmax";
            case SelectionOrder::top_k_then_sigmoid:
                return "top_k_then_sigmoid";
            case SelectionOrder::sparsemixer:
                return "sparsemixer";
        }
        return "score_then_top_k";
    };
    return {{"sentence", sentence(spec)}, {"scoring", scoring()},
            {"order", order()},           {"renormalise", spec.renormalise},
            {"scale", spec.scale},        {"bias", spec.choice_bias},
            {"groups", spec.groups},      {"topk_groups", spec.topk_groups},
            {"group_score", spec.group_score == GroupScore::best ? "best" : "best_two"},
            {"weight_on_input", spec.weight_on_input}};
}

}  // namespace alluvium
