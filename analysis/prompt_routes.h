#pragma once
// Some prompts token by token, with what one layer chose.
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/expert_tokens.h"
#include "analysis/options.h"

namespace alluvium {

struct RoutedToken {
    std::uint32_t id = 0;
    std::string text;               // whole characters; empty: not of the text, or given as an id
    std::vector<ExpertId> experts;  // best first; kMissingExpert throughout: missing
    bool counted = true;            // false: special, generated or outside the slice
};

struct PromptRoutes {
    std::string id, label, language;  // label: of the grouping
    bool right_to_left = false;
    std::vector<RoutedToken> tokens;
};

// What `render tokens` shows of one layer.
struct LayerTokens {
    ModelInfo model;
    std::string by, where;
    LayerId layer = 0;
    std::uint32_t experts = 0, top_k = 0;
    std::uint64_t counted = 0;                 // tokens of the whole sample
    std::vector<PromptRoutes> prompts;         // by class: a row per class
    std::vector<ExpertVocabulary> vocabulary;  // of the whole sample, one per expert
};

struct LayerTokensOptions {
    std::size_t routed = 0;           // index among the routed layers
    std::vector<std::string> groups;  // labels to show; empty: the first `most_groups`
    std::size_t most_groups = 6;      // a prompt of each
    std::size_t per_expert = 8;
};

// The first prompt of every label: where the prompts are translations of each other, the same
// sentence. By class: what the first prompts of all languages hold of each class, one token of each
// language in turn. UserError as take_sample(), for a label that the trace does not have and for a
// trace without tokens.
LayerTokens read_layer_tokens(const RoutingTrace& trace, const LayerTokensOptions& options,
                              const AnalysisOptions& analysis, Progress& progress);

}  // namespace alluvium
