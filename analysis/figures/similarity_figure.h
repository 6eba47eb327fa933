#pragma once
// Which languages route alike: their pairwise divergence as a matrix in the order of a tree, and
// how far the tree follows their families, layer by layer.
#include <optional>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/figure.h"
#include "analysis/figures/groups.h"

namespace alluvium {

struct SimilarityOptions {
    std::vector<GroupLook> looks;  // empty: labels as names, no families
    std::optional<LayerId> layer;  // one layer; nothing: the mean over all
    double width = 0;              // points; 0: 720
    std::uint64_t seed = 0;        // of the permutations of families
};

// Data: kind "pair", group "fr, es", value "divergence" (JSD / log 2; no layer: the mean over
// layers); kind "layer", values "adjusted rand index", "p". UserError for fewer than 3 groups, more
// than the analysis makes a table for, and a layer without a router.
Figure similarity_figure(const Analysis& analysis, const SimilarityOptions& options,
                         const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
