#pragma once
// What the model would say after each layer, and what each part of a layer adds to what it says in
// the end.
#include <string>
#include <vector>

#include "base/json.h"
#include "base/progress.h"
#include "captures/information_flow.h"
#include "model/capture/engine.h"
#include "model/flow/flow.h"

namespace alluvium {

// softmax(W_U norm(h_l)) of the stream after a layer.
struct LensLayer {
    LayerId layer = 0;                     // -1: the embedding
    std::vector<ScoredToken> predicted{};  // most likely tokens, probabilities
    double final_probability = 0;          // of the token that the model predicts in the end
    std::uint64_t final_rank = 0;          // its place here, from 1
    double entropy = 0;                    // nats
};

// A part of a layer at the token: W_U (norm scale of the final stream * part).
struct LensPart {
    LayerId layer = 0;
    FlowPartKind kind = FlowPartKind::expert;  // attention: all heads together
    int expert = -1;
    double weight = 0;       // expert: as applied
    double final_logit = 0;  // added to the logit of the token predicted in the end
    double mean_logit = 0;   // added to all tokens on average: moves no probability
    std::vector<ScoredToken> promoted{}, suppressed{};  // logits added, less the mean
};

struct Lens {
    std::string model;
    std::vector<FlowToken> tokens;
    std::uint32_t token = 0;
    FlowToken predicted;            // the most likely next token of the whole model
    std::vector<LensLayer> layers;  // embedding, then every layer
    std::vector<LensPart> parts;    // ascending layers; embedding as a residual part of layer -1
};

// Uses token, words and add_bos of the options. Errors as information_flow().
Lens logit_lens(const Engine& engine, const std::string& text, const FlowOptions& options,
                Progress& progress);

// {"model", "tokens", "token", "predicted", "layers": [{"layer", "predicted", "final_probability",
// "final_rank", "entropy"}], "parts": [{"layer", "kind", "expert", "weight", "final_logit",
// "mean_logit", "promoted", "suppressed"}]}
Json lens_json(const Lens& lens);

}  // namespace alluvium
