#pragma once
#include <vector>

#include "analysis/comparison.h"
#include "base/json.h"

namespace alluvium {

// The JSON of `compare --json`, fields as docs/metrics.md lists them. What is missing is null, its
// reason stands under "missing".
Json comparison_json(const Comparison& comparison);

// Of `compare --series`: every checkpoint against the last one, and against the one before it.
struct SeriesStep {
    std::string path;
    Comparison to_last;
    std::optional<Comparison> to_next;  // nothing for the last
};
Json series_json(const std::vector<SeriesStep>& series);

}  // namespace alluvium
