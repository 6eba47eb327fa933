#include "captures/information_flow.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <tuple>

#include "base/error.h"

namespace alluvium {

Json scored_json(const std::vector<ScoredToken>& tokens) {
    Json list = Json::array();
    for (const ScoredToken& t : tokens) {
        list.push_back(
            {{"id", t.token.id}, {"text", t.token.text}, {"score", json_number(t.score)}});
    }
    return list;
}

namespace {

Json edge_json(const FlowEdge& edge) {
    Json json = {{"layer", edge.layer},
                 {"kind", flow_part_word(edge.kind)},
                 {"from", edge.from},
                 {"to", edge.to},
                 {"contribution", json_number(edge.contribution)}};
    if (edge.expert >= 0) {
        json["expert"] = edge.expert;
        json["weight"] = json_number(edge.weight);
    }
    for (const FlowHead& head : edge.heads) {
        json["heads"].push_back({{"head", head.head},
                                 {"probability", json_number(head.probability)},
                                 {"contribution", json_number(head.contribution)}});
    }
    if (!edge.promoted.empty()) json["promoted"] = scored_json(edge.promoted);
    if (!edge.suppressed.empty()) json["suppressed"] = scored_json(edge.suppressed);
    return json;
}

// ---- circuit-tracer ---------------------------------------------------------------------------

std::string number(std::int64_t value) {
    return std::to_string(value);
}

// The stream at a token after a layer; -1 is the embedding.
std::string stream_id(LayerId layer, std::uint32_t token) {
    const std::string place = "_" + number(token);
    return layer < 0 ? "E" + place : "R" + number(layer) + place;
}

std::string part_name(const FlowEdge& edge) {
    if (edge.kind == FlowPartKind::expert) return "expert " + number(edge.expert);
    return edge.kind == FlowPartKind::shared_expert ? "shared expert" : "feed-forward";
}

bool is_node(const FlowEdge& edge) {
    return edge.kind == FlowPartKind::expert || edge.kind == FlowPartKind::shared_expert ||
           edge.kind == FlowPartKind::feed_forward;
}

// The viewer asks for a whole number; its own nodes that are no features have -1.
constexpr int kNoFeature = -1, kSharedExpert = -2, kFeedForward = -3;

int feature_of(const FlowEdge& edge) {
    if (edge.kind == FlowPartKind::expert) return edge.expert;
    return edge.kind == FlowPartKind::shared_expert ? kSharedExpert : kFeedForward;
}

// "Output "cat" (p=0.123)": the viewer cuts token and probability out of the words.
std::string prediction_words(const ScoredToken& predicted) {
    std::array<char, 32> probability{};
    std::snprintf(probability.data(), probability.size(), "(p=%.3f)", predicted.score);
    return "Output \"" + predicted.token.text + "\" " + probability.data();
}

class GraphWriter {
  public:
    explicit GraphWriter(const InformationFlow& flow) : flow_(flow) {}

    void write(Json& graph) {
        add_predictions();
        for (const FlowEdge& edge : flow_.edges) {
            if (is_node(edge)) add_part(edge);
            if (edge.kind == FlowPartKind::residual || edge.kind == FlowPartKind::attention) {
                link(stream(edge.layer - 1, edge.from), stream(edge.layer, edge.to),
                     edge.contribution);
            }
        }
        rank_nodes();
        graph["nodes"] = nodes_;
        for (const auto& [ends, weight] : links_) {
            graph["links"].push_back(
                {{"source", ends.first}, {"target", ends.second}, {"weight", weight}});
        }
    }

  private:
    // What the viewer calls influence is cumulative: the share of everything that comes from this
    // node and all larger ones, so that its slider keeps the largest.
    void rank_nodes() {
        std::vector<Json*> nodes;
        double total = 0;
        for (Json& node : nodes_) {
            nodes.push_back(&node);
            total += node["influence"].get<double>();
        }
        std::ranges::stable_sort(nodes, std::greater<>(), [](const Json* node) {
            return (*node)["influence"].get<double>();
        });
        double sum = 0;
        for (Json* node : nodes) {
            sum += (*node)["influence"].get<double>();
            (*node)["influence"] = total > 0 ? std::min(1.0, sum / total) : 1.0;
        }
    }

    // The viewer's layers are texts: "E", then 0 and up, the predictions above all of them.
    void add_node(const std::string& id, const std::string& layer, std::uint32_t token,
                  const std::string& type, const std::string& words, double influence) {
        if (!seen_.insert({id, nodes_.size()}).second) return;
        nodes_.push_back({{"node_id", id},
                          {"jsNodeId", id},
                          {"feature", kNoFeature},
                          {"run_idx", 0},
                          {"reverse_ctx_idx", 0},
                          {"layer", layer},
                          {"ctx_idx", token},
                          {"feature_type", type},
                          {"clerp", words},
                          {"influence", influence},
                          {"activation", nullptr},
                          {"is_target_logit", false},
                          {"token_prob", 0.0}});
    }

    std::string stream(LayerId layer, std::uint32_t token) {
        const std::string id = stream_id(layer, token);
        const bool embedding = layer < 0;
        add_node(id, embedding ? "E" : number(layer), token,
                 embedding ? "embedding" : "mlp reconstruction error",
                 embedding ? flow_.tokens[token].text : "stream after layer " + number(layer), 1);
        return id;
    }

    void add_part(const FlowEdge& edge) {
        const std::string id = number(edge.layer) + "_" + part_name(edge) + "_" + number(edge.to);
        std::string words = part_name(edge);
        if (!edge.promoted.empty()) words += ": " + edge.promoted.front().token.text;
        add_node(id, number(edge.layer), edge.to, "cross layer transcoder", words,
                 edge.contribution);
        nodes_[seen_.at(id)]["activation"] = edge.weight;
        nodes_[seen_.at(id)]["feature"] = feature_of(edge);
        // What a part reads is the token's stream before the layer.
        link(stream(edge.layer - 1, edge.to), id, edge.contribution);
        link(id, stream(edge.layer, edge.to), edge.contribution);
    }

    void add_predictions() {
        const std::string last = stream(flow_.layers - 1, flow_.token);
        for (std::size_t i = 0; i < flow_.predicted.size(); ++i) {
            const ScoredToken& p = flow_.predicted[i];
            const std::string id = "L_" + number(p.token.id) + "_" + number(flow_.token);
            add_node(id, number(flow_.layers), flow_.token, "logit", prediction_words(p), p.score);
            nodes_[seen_.at(id)]["feature"] = p.token.id;
            nodes_[seen_.at(id)]["is_target_logit"] = i == 0;
            nodes_[seen_.at(id)]["token_prob"] = p.score;
            link(last, id, p.score);
        }
    }

    void link(const std::string& source, const std::string& target, double weight) {
        links_[{source, target}] += weight;
    }

    const InformationFlow& flow_;
    Json nodes_ = Json::array();
    std::map<std::string, std::size_t> seen_;
    std::map<std::pair<std::string, std::string>, double> links_;
};

}  // namespace

std::string_view flow_part_word(FlowPartKind kind) {
    switch (kind) {
        case FlowPartKind::residual:
            return "residual";
        case FlowPartKind::attention:
            return "attention";
        case FlowPartKind::expert:
            return "expert";
        case FlowPartKind::shared_expert:
            return "shared_expert";
        case FlowPartKind::feed_forward:
            return "feed_forward";
        case FlowPartKind::bias:
            return "bias";
    }
    return "";
}

namespace {

FlowToken token_from(const Json& json) {
    return {json.at("id").get<std::uint32_t>(), json.at("text").get<std::string>()};
}

std::vector<ScoredToken> scored_from(const Json& json, const char* name) {
    std::vector<ScoredToken> tokens;
    if (!json.contains(name)) return tokens;
    for (const Json& token : json.at(name)) {
        const Json& score = token.at("score");
        tokens.push_back({token_from(token), score.is_null() ? std::nan("") : score.get<double>()});
    }
    return tokens;
}

FlowPartKind kind_from(const std::string& word) {
    for (const FlowPartKind kind :
         {FlowPartKind::residual, FlowPartKind::attention, FlowPartKind::expert,
          FlowPartKind::shared_expert, FlowPartKind::feed_forward, FlowPartKind::bias}) {
        if (flow_part_word(kind) == word) return kind;
    }
    throw Json::other_error::create(501, "no part of a model is called '" + word + "'", nullptr);
}

FlowEdge edge_from(const Json& json, std::size_t tokens) {
    FlowEdge edge;
    edge.layer = json.at("layer").get<LayerId>();
    edge.kind = kind_from(json.at("kind").get<std::string>());
    edge.from = json.at("from").get<std::uint32_t>();
    edge.to = json.at("to").get<std::uint32_t>();
    if (edge.from >= tokens || edge.to >= tokens) {
        throw Json::out_of_range::create(401, "an edge names a token that is not there", &json);
    }
    edge.contribution = json.at("contribution").get<double>();
    edge.expert = json.value("expert", -1);
    edge.weight = json.value("weight", 0.0);
    if (json.contains("heads")) {
        for (const Json& head : json.at("heads")) {
            edge.heads.push_back({head.at("head").get<int>(), head.at("probability").get<double>(),
                                  head.at("contribution").get<double>()});
        }
    }
    edge.promoted = scored_from(json, "promoted");
    edge.suppressed = scored_from(json, "suppressed");
    return edge;
}

}  // namespace

InformationFlow read_information_flow(const std::string& path) {
    const Json json = read_json(path);
    try {
        InformationFlow flow;
        flow.model = json.at("model").get<std::string>();
        for (const Json& token : json.at("tokens")) flow.tokens.push_back(token_from(token));
        flow.token = json.at("token").get<std::uint32_t>();
        flow.layers = json.at("layers").get<LayerId>();
        flow.threshold = json.at("threshold").get<double>();
        flow.predicted = scored_from(json, "predicted");
        for (const Json& edge : json.at("edges")) {
            flow.edges.push_back(edge_from(edge, flow.tokens.size()));
        }
        if (flow.token < flow.tokens.size() && flow.layers > 0) return flow;
    } catch (const Json::exception& error) {
        throw UserError("'" + path + "' is no information flow: " + error.what(),
                        "'alluvium flow --json FILE' writes one");
    }
    throw UserError("'" + path + "' is no information flow: it follows a token that is not there",
                    "'alluvium flow --json FILE' writes one");
}

Json flow_json(const InformationFlow& flow) {
    Json json = {{"model", flow.model},
                 {"token", flow.token},
                 {"layers", flow.layers},
                 {"threshold", flow.threshold},
                 {"predicted", scored_json(flow.predicted)},
                 {"tokens", Json::array()},
                 {"edges", Json::array()}};
    for (const FlowToken& t : flow.tokens)
        json["tokens"].push_back({{"id", t.id}, {"text", t.text}});
    for (const FlowEdge& edge : flow.edges) json["edges"].push_back(edge_json(edge));
    return json;
}

Json circuit_tracer_json(const InformationFlow& flow, const std::string& slug) {
    Json prompt_tokens = Json::array();
    std::string prompt;
    for (const FlowToken& token : flow.tokens) {
        prompt_tokens.push_back(token.text);
        prompt += token.text;
    }
    Json graph = {{"metadata",
                   {{"schema_version", 1},
                    {"slug", slug},
                    {"scan", flow.model},
                    {"prompt_tokens", prompt_tokens},
                    {"prompt", prompt},
                    {"transcoder_list", Json::array()},
                    // Of the cumulative influence: every node is shown at first.
                    {"node_threshold", 1.0}}},
                  {"qParams",
                   {{"pinnedIds", Json::array()},
                    {"supernodes", Json::array()},
                    {"linkType", "both"},
                    {"clickedId", ""},
                    {"sg_pos", ""}}},
                  {"nodes", Json::array()},
                  {"links", Json::array()}};
    GraphWriter(flow).write(graph);
    return graph;
}

}  // namespace alluvium
