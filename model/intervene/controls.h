#pragma once
// Random controls for an intervention on experts: the same change to other experts of the same
// layers that are visited about as often.
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/intervene/targets.h"

namespace alluvium {

// Tokens that chose each expert of a layer in the unchanged run. [E]
using LoadOfLayer = std::function<std::vector<std::uint64_t>(LayerId)>;

// At most `wanted` different sets of experts; each has one expert for each target, in its layer,
// none of them a target. An expert is drawn with equal chances from the 2 * wanted whose load is
// nearest to its target's (all others, where a layer has fewer). Fewer sets come back where there
// are not so many; with a single target and at most `wanted` other experts, all of them do.
std::vector<std::vector<ExpertTarget>> matched_controls(std::span<const ExpertTarget> targets,
                                                        const LoadOfLayer& load, std::size_t wanted,
                                                        std::uint64_t seed);

}  // namespace alluvium
