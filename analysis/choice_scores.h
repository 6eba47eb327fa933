#pragma once
// What a router's raw logits of one token became: what its rule made of them, what the choice went
// by, what was applied. Needs recorded logits; rule and bias are those that the trace says.
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct ExpertScore {
    ExpertId expert = 0;
    double logit = 0;       // as recorded
    double score = 0;       // what weights are made of; the logit where the rule chooses by logits
    double bias = 0;        // for the choice only
    double selection = 0;   // score plus bias: the choice goes by it
    bool reachable = true;  // its group is among the best ones
    int rank = 0;           // as recorded: 1 for the best chosen, 0 for one that was not chosen
    double weight = 0;      // as applied; NaN where not chosen or not recorded
};

struct LayerChoice {
    LayerId layer = 0;
    std::string rule;                  // in words
    bool bias_known = true;            // false: the rule has one that the trace does not tell
    std::vector<ExpertScore> experts;  // by falling selection score; ties by the lower index
};

// One for each routed layer. UserError where no logits are recorded, or the trace does not say how
// its routers score.
std::vector<LayerChoice> choice_scores(const RoutingTrace& trace, TokenPos token);

Json choice_json(const std::vector<LayerChoice>& choices);

}  // namespace alluvium
