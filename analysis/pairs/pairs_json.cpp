// What scripts may rely on; docs/pairs.md says what the fields are.
#include "analysis/pairs/pair_result.h"

namespace alluvium {
namespace {

Json model_json(const std::string& path, const ModelInfo& model) {
    return {{"path", path},
            {"model", model.name},
            {"checkpoint_id", model.checkpoint_id},
            {"dtype", model.dtype}};
}

Json change_json(const SpanChange& change) {
    return {{"change", json_number(change.change)},
            {"floor_mean", json_number(change.floor_mean)},
            {"floor_max", json_number(change.floor_max)},
            {"neutral_edits", change.controls},
            {"at_least", change.at_least},
            {"beyond_floor", change.beyond_floor()}};
}

Json span_json(const PairSpan& span) {
    return {{"a", span.a},
            {"b", span.b},
            {"changed", span.changed},
            {"before", span.before},
            {"tokens_a", span.tokens_a},
            {"tokens_b", span.tokens_b},
            {"aligned", span.aligned}};
}

Json estimate_json(const Estimate& e) {
    if (!e.has_value()) return nullptr;
    return Json::array({json_number(e.value), json_number(e.low), json_number(e.high)});
}

Json effects_json(const ReadOrWrittenLayer& layer) {
    return {{"layer", layer.layer},
            {"texts", estimate_json(layer.texts)},
            {"read", estimate_json(layer.read)},
            {"write", estimate_json(layer.write)},
            {"difference", estimate_json(layer.difference)}};
}

const char* word_of(Follows follows) {
    switch (follows) {
        case Follows::read:
            return "read";
        case Follows::written:
            return "written";
        case Follows::both:
            return "both";
        case Follows::inconclusive:
            break;
    }
    return "inconclusive";
}

Json json_of(const MinimalPair& pair) {
    Json json = model_json(pair.path, pair.model);
    json["a"] = pair.texts.a;
    json["b"] = pair.texts.b;
    json["sentence"] = pair.sentence;
    json["tokens_before"] = pair.tokens_before;
    json["unequal_before"] = pair.unequal_before;
    json["tokens_after"] = pair.tokens_after;
    json["after"] = change_json(pair.after);
    json["spans"] = Json::array();
    for (const PairSpan& span : pair.spans) json["spans"].push_back(span_json(span));
    json["layers"] = Json::array();
    for (const PairLayer& layer : pair.layers) {
        Json spans = Json::array();
        for (const SpanChange& change : layer.spans) spans.push_back(change_json(change));
        json["layers"].push_back({{"layer", layer.layer},
                                  {"experts", layer.experts},
                                  {"top_k", layer.top_k},
                                  {"unrelated", json_number(layer.unrelated)},
                                  {"after", change_json(layer.after)},
                                  {"spans", std::move(spans)}});
    }
    return json;
}

Json json_of(const ReadOrWritten& result) {
    Json json = model_json(result.path, result.model);
    json["languages"] = {result.first, result.second};
    json["groups"] = result.groups;
    json["tokens"] = json_number(result.tokens);
    json["sentence"] = result.sentence;
    json["follows"] = word_of(result.follows);
    json["late"] = effects_json(result.late);
    json["layers"] = Json::array();
    for (const ReadOrWrittenLayer& layer : result.layers) {
        json["layers"].push_back(effects_json(layer));
    }
    return json;
}

}  // namespace

Json pairs_json(const PairResult& result) {
    return std::visit([](const auto& r) { return json_of(r); }, result);
}

}  // namespace alluvium
