#pragma once
// Which experts are chosen together, by the same token at one layer.
//
//   share(f | e) = tokens that chose both / tokens that chose e, 0 .. 1;
//   lift(f | e)  = share(f | e) / share(f): how many times as often as by any token. The choices of
//   a token differ, so independent ones have a lift of (k - 1) / k * E / (E - 1), not 1.
//
// Nothing with a top-k of 1. Source: co-activation of OLMoE (arXiv 2409.02060), section 5.
#include <vector>

#include "analysis/token_selection.h"

namespace alluvium {

struct ExpertCompanion {
    ExpertId expert = 0;
    double share = 0;
    double lift = 0;
};

// [experts of the layer][at most `most`], largest share first, ties by number; those never chosen
// together are left out. Tokens whose choice is missing do not count.
std::vector<std::vector<ExpertCompanion>> expert_companions(const RoutingTrace& trace,
                                                            std::size_t routed,
                                                            const TokenSelection& selection,
                                                            std::size_t most, Progress& progress);

}  // namespace alluvium
