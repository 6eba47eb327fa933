#include "app/session/token_strip.h"

#include "base/error.h"
#include "captures/generated_text.h"

namespace alluvium {

TokenStrip read_token_strip(const RoutingTrace& trace, std::size_t prompt, std::size_t routed) {
    const TraceHeader& header = trace.header();
    if (header.kind != TraceKind::tokens || prompt >= header.prompts.size()) {
        throw UserError("this trace holds counts only, no prompts",
                        "capture the prompts again to see their tokens");
    }
    const PromptTable& prompts = header.prompts;
    const RoutedLayerInfo& layer = header.layers.at(routed);
    const TokenRange range{prompts.first_token[prompt],
                           prompts.first_token[prompt] + prompts.token_count[prompt]};
    TokenStrip strip{.prompt = prompt,
                     .layer = layer.layer,
                     .experts = layer.experts,
                     .text = whole_text(prompts, prompt),
                     .language = prompts.language[prompt],
                     .tokens = {}};
    const TokenTable tokens = trace.tokens(range);
    const Grid<ExpertId> experts = trace.experts(routed, range);
    const Grid<float> weights = layer.has_weights ? trace.weights(routed, range) : Grid<float>();
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        if (!tokens.phase.empty() && tokens.phase[t] == kPhaseUnused) continue;
        StripToken token{.id = tokens.id[t],
                         .begin = tokens.byte_begin[t],
                         .end = tokens.byte_end[t],
                         .experts = {experts.row(t).begin(), experts.row(t).end()},
                         .weights = {},
                         .generated = !tokens.phase.empty() && tokens.phase[t] == kPhaseGenerated,
                         .row = range.begin + t};
        if (!weights.empty()) token.weights.assign(weights.row(t).begin(), weights.row(t).end());
        strip.tokens.push_back(std::move(token));
    }
    return strip;
}

}  // namespace alluvium
