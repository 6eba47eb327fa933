#pragma once
#include "analysis/paths/route_paths.h"
#include "base/json.h"

namespace alluvium {

// What stands under "circuit"."paths" in the JSON of `analyze --circuit`: docs/metrics.md.
Json paths_json(const RoutePaths& paths);

}  // namespace alluvium
