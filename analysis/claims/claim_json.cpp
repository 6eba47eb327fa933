#include "analysis/claims/claim_json.h"

namespace alluvium {
namespace {

Json effect_json(const MeasuredEffect& effect) {
    Json value = nullptr;
    if (effect.value.has_value()) {
        value = {json_number(effect.value.value), json_number(effect.value.low),
                 json_number(effect.value.high)};
    }
    Json json = {{"name", effect.name}, {"value", value}, {"power", json_number(effect.power)}};
    json["units_needed"] = effect.units_needed > 0 ? Json(effect.units_needed) : Json(nullptr);
    return json;
}

Json result_json(const ClaimResult& result) {
    Json effects = Json::array();
    for (const MeasuredEffect& effect : result.effects) effects.push_back(effect_json(effect));
    const auto& remainder = result.verdict.remainder;
    return {{"trace", result.path},
            {"model", result.model.name},
            {"checkpoint_id", result.model.checkpoint_id},
            {"outcome", to_string(result.outcome)},
            {"reasons", result.reasons},
            {"pattern", to_string(result.verdict.pattern)},
            {"remainder_pattern", remainder ? Json(to_string(remainder->pattern)) : Json(nullptr)},
            {"tokens", result.tokens},
            {"groups", result.groups},
            {"units", result.design.units},
            {"prompt_set", result.design.prompt_set},
            {"effects", std::move(effects)}};
}

}  // namespace

Json claim_json(const Claim& claim, const std::vector<ClaimResult>& results) {
    Json traces = Json::array();
    for (const ClaimResult& result : results) traces.push_back(result_json(result));
    return {{"claim",
             {{"name", claim.name},
              {"statement", claim.statement},
              {"source", claim.source},
              {"file", claim.path},
              {"hash", claim.file_hash},
              {"where", claim.options.where}}},
            {"traces", std::move(traces)}};
}

}  // namespace alluvium
