#include "analysis/comparison_json.h"

#include <cmath>

namespace alluvium {
namespace {

Json interval(const Estimate& e) {
    if (!e.has_value()) return nullptr;
    return Json::array({json_number(e.value), json_number(e.low), json_number(e.high)});
}

Json model_json(const std::string& path, const ModelInfo& model) {
    return {{"path", path},
            {"model", model.name},
            {"checkpoint_id", model.checkpoint_id},
            {"dtype", model.dtype}};
}

Json matching_json(const ExpertMatching& matching) {
    return {{"partner", matching.partner},
            {"overlap", json_number(matching.overlap)},
            {"shuffled", json_number(matching.shuffled)}};
}

Json layer_json(const LayerComparison& l) {
    const bool floor = std::isfinite(l.floor_margin);
    return {{"layer", l.layer},
            {"experts", l.experts},
            {"top_k", l.top_k},
            {"tokens", l.tokens},
            {"exact", json_number(l.exact)},
            {"overlap", json_number(l.overlap)},
            {"top1", json_number(l.top1)},
            {"weight_l1", json_number(l.weight_l1)},
            {"flips", l.flips},
            {"flips_above_floor", floor ? Json(l.flips_above_floor) : Json(nullptr)},
            {"floor_margin", json_number(l.floor_margin)},
            {"chance", json_number(l.chance)},
            {"divergence",
             {{"a", interval(l.divergence_a)},
              {"b", interval(l.divergence_b)},
              {"difference", interval(l.difference)}}}};
}

Json groups_json(const std::vector<GroupComparison>& groups) {
    Json object = Json::object();
    for (const GroupComparison& g : groups) {
        object[g.label] = {{"tokens", g.tokens},
                           {"exact", json_number(g.exact)},
                           {"overlap", json_number(g.overlap)},
                           {"top1", json_number(g.top1)}};
    }
    return object;
}

Json alignment_json(const std::optional<AlignmentSummary>& alignment) {
    if (!alignment) return nullptr;
    return {{"by", "bytes"},
            {"spans", alignment->spans},
            {"one_to_one", alignment->one_to_one},
            {"tokens_a", alignment->tokens_a},
            {"tokens_b", alignment->tokens_b}};
}

}  // namespace

Json comparison_json(const Comparison& c) {
    Json layers = Json::array(), matching = Json::array();
    Json prompts = Json::array(), tokens = Json::array();
    for (const LayerComparison& l : c.layers) {
        layers.push_back(layer_json(l));
        matching.push_back(matching_json(l.matching));
    }
    for (const ChangedPrompt& p : c.prompts) {
        prompts.push_back({{"prompt", p.prompt},
                           {"id", p.id},
                           {"group", p.label},
                           {"overlap", json_number(p.overlap)}});
    }
    for (const ChangedToken& t : c.changed_tokens) {
        tokens.push_back({{"row", t.row},
                          {"prompt", t.prompt_id},
                          {"position", t.position},
                          {"token", t.token_id},
                          {"text", t.text},
                          {"overlap", json_number(t.overlap)}});
    }
    return {{"a", model_json(c.path_a, c.model_a)},
            {"b", model_json(c.path_b, c.model_b)},
            {"by", c.by},
            {"tokens", c.tokens},
            {"alignment", alignment_json(c.alignment)},
            {"same_lineage", c.same_lineage},
            {"layers", std::move(layers)},
            {"groups", groups_json(c.groups)},
            {"matching", std::move(matching)},
            {"changed_prompts", std::move(prompts)},
            {"changed_tokens", std::move(tokens)},
            {"sentence", c.sentence},
            {"missing", c.missing}};
}

Json series_json(const std::vector<SeriesStep>& series) {
    Json steps = Json::array();
    for (const SeriesStep& step : series) {
        Json layers = Json::array();
        for (std::size_t l = 0; l < step.to_last.layers.size(); ++l) {
            const LayerComparison& last = step.to_last.layers[l];
            Json layer = {{"layer", last.layer},
                          {"divergence", interval(last.divergence_a)},
                          {"saturation", json_number(last.overlap)},
                          {"exact_to_last", json_number(last.exact)},
                          {"chance", json_number(last.chance)}};
            layer["flips_to_next"] =
                step.to_next ? Json(step.to_next->layers[l].flips) : Json(nullptr);
            layers.push_back(std::move(layer));
        }
        steps.push_back({{"path", step.path}, {"layers", std::move(layers)}});
    }
    Json missing = Json::object();
    if (!series.empty()) {
        missing = series.front().to_last.missing;
        missing["flips_to_next"] = "the last checkpoint has no next one";
    }
    return {{"series", std::move(steps)}, {"missing", std::move(missing)}};
}

}  // namespace alluvium
