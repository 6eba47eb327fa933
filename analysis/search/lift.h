#pragma once
// How much more often something happens in a group than anywhere.
//
//   rate_g = hits_g / tokens_g      lift_g = rate_g / base rate, base rate = hits / tokens of all
//
// Range 0 .. 1 / base rate; chance 1. Tokens of one unit (translation group or prompt) are no
// independent witnesses, so the interval is a delete-one jackknife over units of log lift
// (analysis/jackknife.h). Missing where there is no hit, or one unit holds all of a group's.
#include <cstdint>
#include <vector>

#include "analysis/estimate.h"
#include "analysis/prompt_units.h"

namespace alluvium {

// [prompts] each.
struct HitCounts {
    std::vector<std::uint32_t> hits, tokens;            // of what the groups are compared in
    std::vector<std::uint32_t> base_hits, base_tokens;  // of what they are compared with
};

struct GroupLift {
    std::uint64_t hits = 0, tokens = 0;
    double rate = kMissing;
    Estimate lift;  // as observed, with a 95 % interval
};

// One per label of `units`.
std::vector<GroupLift> group_lifts(const HitCounts& counts, const PromptUnits& units);

}  // namespace alluvium
