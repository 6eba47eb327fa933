#include "captures/information_flow.h"

#include <algorithm>
#include <map>
#include <tuple>

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
        graph["nodes"] = nodes_;
        for (const auto& [ends, weight] : links_) {
            graph["links"].push_back(
                {{"source", ends.first}, {"target", ends.second}, {"weight", weight}});
        }
    }

  private:
    // The viewer's layers are texts: "E", then 0 and up, the predictions above all of them.
    void add_node(const std::string& id, const std::string& layer, std::uint32_t token,
                  const std::string& type, const std::string& words, double influence) {
        if (!seen_.insert({id, nodes_.size()}).second) return;
        nodes_.push_back({{"node_id", id},
                          {"jsNodeId", id},
                          {"feature", nullptr},
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
        if (edge.kind == FlowPartKind::expert) nodes_[seen_.at(id)]["feature"] = edge.expert;
        // What a part reads is the token's stream before the layer.
        link(stream(edge.layer - 1, edge.to), id, edge.contribution);
        link(id, stream(edge.layer, edge.to), edge.contribution);
    }

    void add_predictions() {
        const std::string last = stream(flow_.layers - 1, flow_.token);
        for (std::size_t i = 0; i < flow_.predicted.size(); ++i) {
            const ScoredToken& p = flow_.predicted[i];
            const std::string id = "L_" + number(p.token.id) + "_" + number(flow_.token);
            add_node(id, number(flow_.layers), flow_.token, "logit", p.token.text, p.score);
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
                    {"node_threshold", flow.threshold}}},
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
