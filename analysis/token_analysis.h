#pragma once
#include "analysis/analyze.h"

namespace alluvium {

// The analysis of a trace of kind = tokens.
Analysis analyze_tokens(const RoutingTrace& trace, const AnalysisOptions& options,
                        Progress& progress);

// Of kind = counts: shares and what follows from them; nothing that needs prompts or tokens.
Analysis analyze_counts(const RoutingTrace& trace, const AnalysisOptions& options);

}  // namespace alluvium
