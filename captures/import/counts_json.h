#pragma once
#include "captures/import/importers.h"

namespace alluvium {

// Published aggregates of routing (arXiv 2601.14050): one JSON file per group,
// {"LAYER": {"EXPERT": {"activation_tokens": n, "gate_values_sum": x}, ..., "total_tokens": N}}.
// The group is the file's stem after its last '_'. Gives a trace of kind "counts": count[g, e] =
// activation_tokens, weight_sum[g, e] = gate_values_sum, tokens[g] = total_tokens. Without a config
// the number of experts and of chosen ones is inferred, with a warning. The published counts are a
// few off tokens x k: kept as they are, with a warning that says by how much.
TraceData import_counts_json(const ImportRequest& request);

}  // namespace alluvium
