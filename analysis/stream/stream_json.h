#pragma once
#include "analysis/stream/analyze_stream.h"
#include "base/json.h"

namespace alluvium {

// What stands under "stream" in the JSON of `analyze`, fields as docs/metrics.md lists them.
Json stream_json(const StreamAnalysis& analysis);

}  // namespace alluvium
