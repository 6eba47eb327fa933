#pragma once
// What every number of an analysis is made from, as files that numpy reads, so that it can be
// recomputed elsewhere. docs/metrics.md lists the arrays.
#include <filesystem>

#include "analysis/options.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

// Writes sample.npz, layer-NNN.npz for every routed layer and names.json into `folder`, which is
// made where it is not there. Counts and resamples are those of analyze() with equal options.
// UserError as analyze(), for a trace without tokens, and where the folder cannot be made;
// Cancelled.
void write_tables(const RoutingTrace& trace, const AnalysisOptions& options,
                  const std::filesystem::path& folder, Progress& progress);

}  // namespace alluvium
