#pragma once
// The paths that tokens take through the best experts of a few routed layers in a row. With top-k
// and all layers k^L paths go through every token; the best expert of each layer is the one that
// carries most of it, and windows of `length` layers keep paths frequent enough to be counted.
//
// A window runs over layers that follow each other among the routed ones. Where dense layers lie
// between them it says which: what a token does there is no part of the path.
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/paths/path_counts.h"
#include "analysis/paths/path_entropy.h"

namespace alluvium {

struct PathOptions {
    std::size_t length = 3;  // routed layers, 2 to kLongestPath
    std::size_t most_frequent = 5;
    unsigned permutations = 39;  // of the labels, for the null of the overlap
    // Memory follows the tokens here: of larger samples whole units are drawn.
    std::uint64_t most_tokens = 1u << 19;
};

struct FrequentPath {
    std::vector<ExpertId> experts;  // one per layer of the window
    std::uint64_t tokens = 0;
    double share = 0;  // of the group's tokens
    double lift = 0;   // share over the mean of all groups' shares; chance 1
};

struct PathWindow {
    std::vector<LayerId> layers;
    std::vector<LayerId> dense_between;               // decoder layers inside the window, no router
    std::vector<std::uint64_t> tokens;                // [G] with a best expert in every layer
    std::vector<PathEntropy> entropy;                 // [G]
    std::vector<std::vector<FrequentPath>> frequent;  // [G] most frequent first, lower path in ties
    double overlap = kMissing;                        // mean over pairs of groups
    double overlap_null = kMissing;                   // mean under permuted labels
    double overlap_null_p05 = kMissing;               // below: fewer common paths than by chance
    Grid<double> pairwise;                            // [G, G]; empty above the limit of groups
};

struct RoutePaths {
    std::size_t length = 0;
    std::vector<std::string> groups;
    std::vector<PathWindow> windows;  // by first layer; none where there are too few routed layers
    bool drawn = false;               // some units only
    std::map<std::string, std::string> missing;
};

// Of the prompts' tokens that `options` select. UserError as take_sample(); for a trace of counts,
// and one without experts.
RoutePaths route_paths(const RoutingTrace& trace, const AnalysisOptions& options,
                       const PathOptions& paths, Progress& progress);

}  // namespace alluvium
