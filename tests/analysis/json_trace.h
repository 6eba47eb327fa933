#pragma once
// A trace as tests/golden/analysis/expected.json stores it.
#include <limits>

#include "base/json.h"
#include "captures/trace_data.h"

namespace alluvium::test {

inline float float_or_missing(const Json& value) {
    return value.is_null() ? std::numeric_limits<float>::quiet_NaN() : value.get<float>();
}

inline void add_prompt(const Json& prompt, PromptTable& table) {
    table.id.push_back(prompt["id"]);
    table.text.push_back(prompt["text"]);
    table.language.push_back(prompt["language"]);
    table.group.push_back(prompt["group"]);
    table.domain.push_back(prompt["domain"]);
    table.first_token.push_back(prompt["first_token"]);
    table.token_count.push_back(prompt["token_count"]);
    table.truncated.push_back(0);
    table.done.push_back(prompt["done"]);
}

inline void add_token(const Json& token, TokenTable& table) {
    table.id.push_back(0);
    table.prompt.push_back(token["prompt"]);
    table.position.push_back(token["position"]);
    table.byte_begin.push_back(token["byte_begin"]);
    table.byte_end.push_back(token["byte_end"]);
    table.phase.push_back(token["phase"]);
    table.special.push_back(token["special"]);
}

inline LayerData layer_data(const Json& layer, std::size_t tokens) {
    LayerData data;
    const std::size_t k = layer["top_k"], experts = layer["experts"];
    data.experts = Grid<ExpertId>(tokens, k);
    data.weights = Grid<float>(tokens, k);
    data.logits = Grid<float>(tokens, experts);
    for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t r = 0; r < k; ++r) {
            data.experts(t, r) = layer["expert"][t][r];
            data.weights(t, r) = float_or_missing(layer["weight"][t][r]);
        }
        for (std::size_t e = 0; e < experts; ++e) {
            data.logits(t, e) = float_or_missing(layer["logit"][t][e]);
        }
        data.margin.push_back(float_or_missing(layer["margin"][t]));
    }
    return data;
}

inline TracePtr trace_from_json(const Json& json) {
    TraceData data;
    data.header.token_count = json["tokens"].size();
    for (const Json& prompt : json["prompts"]) add_prompt(prompt, data.header.prompts);
    for (const Json& token : json["tokens"]) add_token(token, data.tokens);
    for (const Json& layer : json["layers"]) {
        RoutedLayerInfo info;
        info.layer = layer["layer"];
        info.experts = layer["experts"];
        info.top_k = layer["top_k"];
        data.header.layers.push_back(info);
        data.layers.push_back(layer_data(layer, json["tokens"].size()));
    }
    return make_trace(std::move(data));
}

}  // namespace alluvium::test
