#pragma once
#include "analysis/analyze.h"
#include "analysis/grouping.h"
#include "analysis/prompt_units.h"
#include "analysis/token_selection.h"

namespace alluvium {

// What is analysed: which tokens, in which groups, and how their prompts hang together.
struct Sample {
    Grouping grouping;
    TokenSelection selection;
    PromptUnits units;
    std::string where;  // the slice that was taken; empty: all
};

// Reads the token columns once. Errors as group_rows and select_tokens.
Sample take_sample(const RoutingTrace& trace, const AnalysisOptions& options, Progress& progress);

// The hash of its prompts: as recorded, else computed; nothing for prompts given as ids.
std::string prompt_set_of(const TraceHeader& header);

// Fills design, census and groups.
void describe_sample(const TraceHeader& header, const Sample& sample, Analysis& analysis);

// Tokens of each group with a row at one layer, from those of each prompt.
std::vector<std::uint64_t> tokens_by_group(std::span<const std::uint32_t> prompt_tokens,
                                           const PromptUnits& units);

}  // namespace alluvium
