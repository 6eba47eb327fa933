#pragma once
// Along which parts of a model one token's prediction was made: information-flow routes
// (arXiv 2403.00824), plain data between the room that computes them and those that draw and
// export them.
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"

namespace alluvium {

enum class FlowPartKind { residual, attention, expert, shared_expert, feed_forward, bias };
std::string_view flow_part_word(FlowPartKind kind);  // "residual", "attention", "expert", ...

struct FlowToken {
    std::uint32_t id = 0;
    std::string text;  // the bytes of the prompt that it covers
};

// A token with its share of something: a probability, or a logit that a part adds.
struct ScoredToken {
    FlowToken token;
    double score = 0;
};

// What one head contributes to an attention edge.
struct FlowHead {
    int head = 0;
    double probability = 0;   // of the key
    double contribution = 0;  // share of the layer's output at the token
};

// Into token `to` after `layer`, from token `from` before it.
struct FlowEdge {
    LayerId layer = 0;
    FlowPartKind kind = FlowPartKind::residual;
    std::uint32_t from = 0, to = 0;
    int expert = -1;              // expert
    double weight = 0;            // expert: as applied
    double contribution = 0;      // 0..1; all parts of one output sum to 1
    std::vector<FlowHead> heads;  // attention, largest first
    // Of the parts at the chosen token: what they add to the final logits directly, through the
    // final norm whose scale is the final stream's. Largest and smallest.
    std::vector<ScoredToken> promoted, suppressed;
};

struct InformationFlow {
    std::string model;
    std::vector<FlowToken> tokens;
    std::uint32_t token = 0;  // whose prediction is followed back
    LayerId layers = 0;
    double threshold = 0;                // edges below are left out
    std::vector<FlowEdge> edges;         // from the last layer to the first
    std::vector<ScoredToken> predicted;  // most likely next tokens, probabilities
};

// {"model", "tokens": [{"id", "text"}], "token", "layers", "threshold", "predicted": [...],
// "edges": [{"layer", "kind", "from", "to", "expert", "weight", "contribution", "heads": [...],
// "promoted": [...], "suppressed": [...]}]}; what an edge does not have is left out.
Json flow_json(const InformationFlow& flow);
// The inverse, of a file. UserError where it is something else.
InformationFlow read_information_flow(const std::string& path);
// [{"id", "text", "score"}]
Json scored_json(const std::vector<ScoredToken>& tokens);

// A graph as circuit-tracer's data model (circuit_tracer/frontend/graph_models.py, schema_version
// 1) and viewer read it. Nodes: the stream at (token, layer), each kept expert (feature: its
// number), shared expert (-2) or feed-forward part (-3), the embeddings, and the most likely next
// tokens; links carry contributions; influence is cumulative, as the viewer's slider takes it.
Json circuit_tracer_json(const InformationFlow& flow, const std::string& slug);

}  // namespace alluvium
