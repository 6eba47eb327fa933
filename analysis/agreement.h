#pragma once
// What two traces of the same tokens choose, token by token, in one pass over both.
#include <cstdint>
#include <vector>

#include "analysis/comparison.h"
#include "analysis/sample.h"

namespace alluvium {

struct LayerAgreement {
    std::uint64_t tokens = 0;  // with a row in both
    std::uint64_t exact = 0, top1 = 0, above_floor = 0;
    double overlap = 0;  // summed over tokens
    double weight_l1 = 0;
    std::uint64_t weighted_tokens = 0;  // whose weights can be compared
    Grid<double> together, shuffled;    // [E, E] co-selections, B as it is and in random order
    std::uint64_t together_tokens = 0;  // tokens behind them
};

// Sums over layers for what is told apart: prompts, groups.
struct AgreementSums {
    double overlap = 0, exact = 0, top1 = 0;
    std::uint64_t rows = 0;  // (token, layer)
};

struct TraceAgreement {
    std::vector<LayerAgreement> layers;
    std::vector<AgreementSums> prompts;
    std::vector<AgreementSums> groups;
    std::vector<ChangedToken> tokens;  // the most changed, row and overlap alone
};

// `floor_margins`: [layers] margins above which a flip is counted as such; empty: none are.
TraceAgreement measure_agreement(const RoutingTrace& a, const RoutingTrace& b, const Sample& sample,
                                 const std::vector<double>& floor_margins, std::uint64_t seed,
                                 Progress& progress);

// [layers] 95th percentile of A's margin over the tokens whose set differs in `second`, within 1 %;
// 0 where none differs; missing where no margins are recorded.
std::vector<double> measure_floor(const RoutingTrace& a, const RoutingTrace& second,
                                  const TokenSelection& selection, const Progress& progress);

}  // namespace alluvium
