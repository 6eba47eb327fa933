#pragma once
#include "analysis/analyze.h"
#include "base/json.h"

namespace alluvium {

// The JSON of `analyze --json`, fields as docs/metrics.md lists them. What is missing is null, its
// reason stands under "missing".
Json analysis_json(const Analysis& analysis);

}  // namespace alluvium
