#pragma once
// Everything that is computed about one routed layer. Groups are rows and experts are columns, in
// the order of Analysis::groups and of the checkpoint. NaN: missing.
#include <cstdint>
#include <vector>

#include "analysis/estimate.h"
#include "base/grid.h"
#include "base/ids.h"

namespace alluvium {

// How far the groups' shares lie apart: analysis/divergence.h.
struct Divergence {
    double value = kMissing;      // as observed, 0..1
    double corrected = kMissing;  // without the bias of finite samples: may be slightly negative
    double low = kMissing;        // 95 % interval of `corrected`
    double high = kMissing;
    double ceiling = kMissing;   // the largest value that E experts, k and G allow
    double relative = kMissing;  // corrected / ceiling; value / ceiling for kind = counts
    double relative_low = kMissing;
    double relative_high = kMissing;
    double null_mean = kMissing;  // of `value` under permuted labels
    double null_p95 = kMissing;   // this layer alone
    double band = kMissing;       // simultaneous over all layers: compare `value` with this
    double top1 = kMissing;       // of the best experts alone, as observed
};

// How evenly the experts are used: analysis/load.h.
struct Load {
    double cv = kMissing;
    double max_vio = kMissing;
    double gini = kMissing;
    double effective_experts = kMissing;
    std::uint32_t dead_experts = 0;
};

struct MarginQuantiles {
    double p05 = kMissing;
    double p50 = kMissing;
};

// The router's probabilities: analysis/router_entropy.h.
struct RouterEntropy {
    double usage = kMissing;        // H(mean p), nats
    double token = kMissing;        // mean over tokens of H(p) / log E, 0..1
    double information = kMissing;  // I(token; expert) = H(mean p) - mean H(p), nats
};

struct MutualInformation {
    double value = kMissing;      // corrected for the sample's size, nats
    double raw = kMissing;        // as observed
    double nmi = kMissing;        // value / H(group)
    double null_mean = kMissing;  // of `raw` under permuted labels
    double null_p95 = kMissing;
};

// What remains of I(expert; group) once tokens are compared within strata:
// analysis/nested_information.h. Nats, above the mean of the null.
struct Information {
    double r0 = kMissing;
    double r1 = kMissing;
    double r2 = kMissing;
    Estimate r3;
    double support = kMissing;  // share of the tokens that R3 can compare
};

// Corrected divergence of routers with redrawn rows on the same input: analysis/random_router.h.
struct RandomRouter {
    double mean = kMissing;
    double low = kMissing;  // 95 % of such routers
    double high = kMissing;
    std::uint32_t draws = 0;
};

struct ExclusiveExpert {
    ExpertId expert = 0;
    std::size_t group = 0;
    double a = 0;  // the group's token ratio over the sum of all groups' ratios
};

struct Exclusivity {
    bool known = false;  // false for fewer than 4 groups
    std::vector<ExclusiveExpert> exclusive;
    std::vector<ExpertId> shared;
};

struct LayerAnalysis {
    LayerId layer = 0;  // true decoder layer
    std::uint32_t experts = 0;
    std::uint32_t top_k = 0;
    std::uint32_t shared_experts = 0;

    std::vector<std::uint64_t> tokens;  // [G], with a row here
    std::uint64_t missing_tokens = 0;   // selected, but without a row here
    Grid<std::uint64_t> selections;     // [G, E] tokens of the group that chose the expert
    Grid<double> share;                 // [G, E] sums to 1 over experts; chance 1 / E
    Grid<double> token_ratio;           // [G, E] sums to k; chance k / E
    std::vector<double> mean_share;     // [E] mean of the groups' shares, equal weights

    Divergence divergence;
    double noise_floor = kMissing;  // on the scale of divergence.corrected
    Grid<double> pairwise;          // [G, G] JSD / log 2, 0..1; empty above the limit of groups
    MutualInformation mutual_information;
    Information information;
    RandomRouter random_router;
    Load load;
    RouterEntropy entropy;
    MarginQuantiles margin;
    Exclusivity exclusivity;

    double chance_share() const { return 1.0 / experts; }
    double chance_ratio() const { return static_cast<double>(top_k) / experts; }
};

}  // namespace alluvium
