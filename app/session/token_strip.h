#pragma once
// One prompt with what the router did at each of its tokens, at one layer.
#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct StripToken {
    std::uint32_t id = 0;
    std::uint32_t begin = 0, end = 0;  // bytes of the text; equal: not of the text
    std::vector<ExpertId> experts;     // best first; kMissingExpert throughout: missing
    std::vector<float> weights;        // parallel; empty where the trace has none
    bool generated = false;            // by the model, behind the prompt
    TokenPos row = 0;                  // of the trace
};

struct TokenStrip {
    std::size_t prompt = 0;  // row of the trace's prompt table
    LayerId layer = 0;
    std::uint32_t experts = 0;  // of the layer
    std::string text, language;
    std::vector<StripToken> tokens;
};

// `routed` is the index among the trace's routed layers. UserError for a trace without tokens.
TokenStrip read_token_strip(const RoutingTrace& trace, std::size_t prompt, std::size_t routed);

}  // namespace alluvium
