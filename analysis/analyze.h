#pragma once
// The analysis of one trace: what figures draw, the command line prints and the workbench shows.
//
// Memory grows with prompts x experts, never with tokens; layers are read one after another in
// blocks. Formulas: docs/metrics.md and the header of each metric.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/circuit.h"
#include "analysis/layer_analysis.h"
#include "analysis/options.h"
#include "analysis/token_census.h"
#include "analysis/verdict.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

// One language, family, domain, ... and the text it was measured on.
struct GroupSample {
    std::string label;
    std::uint64_t prompts = 0;  // 0 for kind = counts
    std::uint64_t tokens = 0;   // selected
    // Tokens per word; missing for scripts that put no space between words and for prompts given
    // as ids.
    double fertility = kMissing;
    double tokens_per_character = kMissing;
    // Share of the tokens that hold only part of a character.
    double byte_fragments = kMissing;
};

// How the prompts hang together, which decides how uncertainty is measured.
struct PromptDesign {
    std::size_t prompts = 0;  // selected and labelled
    std::size_t units = 0;    // translation groups; a prompt without one is a unit of its own
    std::string unit_name;    // "translation groups" or "prompts"
    bool parallel = false;    // some translation group holds several labels
    std::string prompt_set;       // the hash that prompt sets are told apart by; may be empty
    std::string prompt_set_name;  // what a person calls it; empty where the trace does not say
};

struct Analysis {
    AnalysisOptions options;
    TraceKind kind = TraceKind::tokens;
    std::string trace_path;
    ModelInfo model;
    std::string probability_note;  // which normalisation entropies are computed after

    PromptDesign design;
    TokenCensus census;
    std::vector<GroupSample> groups;    // in label order; `by` prompt: in file order
    std::vector<LayerAnalysis> layers;  // routed layers, bottom up
    Verdict verdict;
    std::optional<Circuit> circuit;

    // Name of a field of the JSON, or layers.N.FIELD -> why it is null.
    std::map<std::string, std::string> missing;
    std::vector<std::string> warnings;
};

// UserError where the trace has no such column, no token is left, or an option needs what the trace
// does not hold; Cancelled.
Analysis analyze(const RoutingTrace& trace, const AnalysisOptions& options, Progress& progress);

}  // namespace alluvium
