#pragma once
#include <cstdint>
#include <span>

#include "analysis/estimate.h"

namespace alluvium {

// How many different paths tokens take: H = -sum p log p over paths, nats. Range 0 (one path) to
// log of the number of possible paths, which is also what chance gives; far more paths are possible
// than tokens are counted, so H as observed cannot exceed log N and grows with the sample.
struct PathEntropy {
    double observed = kMissing;
    // Chao and Shen 2003: the seen paths' shares are shrunk by the coverage C = 1 - f1 / N, f1 the
    // paths seen once, and each counts for those of its kind that were not seen:
    // -sum C p log(C p) / (1 - (1 - C p)^N).
    double corrected = kMissing;
    double effective = kMissing;  // exp(corrected): as many equally frequent paths
    double coverage = kMissing;   // share of the tokens to come whose path was seen here
};

// `counts`: tokens of each path, zeros allowed. Missing for no token.
PathEntropy path_entropy(std::span<const std::uint32_t> counts);

}  // namespace alluvium
