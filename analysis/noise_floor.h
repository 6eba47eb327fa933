#pragma once
// The divergence that one group has from itself: its prompts are dealt at random to as many
// pseudo-groups as there are groups, so that the scale is the same, and the corrected divergence
// between those is taken; the mean over groups and seeded deals. Chance level 0.
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/prompt_units.h"
#include "base/grid.h"

namespace alluvium {

// One deal of one group's prompts.
struct NoiseSplit {
    std::vector<std::uint32_t> prompts;
    std::vector<std::int32_t> pseudo_group;  // parallel to prompts
    std::size_t pseudo_groups = 0;
};

struct NoiseSplits {
    std::vector<NoiseSplit> splits;
    std::string missing;  // why there are none
};

// Groups with fewer than 2 prompts per pseudo-group are left out: their divergence could not be
// corrected.
NoiseSplits deal_noise_splits(const PromptUnits& units, std::size_t per_group, std::uint64_t seed);

// `rows`: [prompts, E] of one layer.
double noise_floor(const Grid<double>& rows, const NoiseSplits& splits);

}  // namespace alluvium
