#pragma once
#include "analysis/search/route_search.h"
#include "base/json.h"

namespace alluvium {

// {"query", "by", "trace", "hits", "tokens", "base": {hits, tokens, rate},
//  "groups": [{group, hits, tokens, rate, "lift": [value, low, high] or null}],
//  "lines": [{row, prompt, group, position, token_id, left, token, right}], "missing"}
Json route_search_json(const RouteSearch& search);

}  // namespace alluvium
