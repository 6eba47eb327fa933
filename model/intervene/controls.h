#pragma once
// Random controls for an intervention on experts: the same change to other experts of the same
// layers that are visited about as often.
#include <cstdint>
#include <functional>
#include <vector>

#include "model/intervene/targets.h"

namespace alluvium {

// Tokens that chose each expert of a layer in the unchanged run. [E]
using LoadOfLayer = std::function<std::vector<std::uint64_t>(LayerId)>;

// The targets of each of several interventions that act together.
using TargetLists = std::vector<std::vector<ExpertTarget>>;

// At most `wanted` different controls. In each, every target is replaced by another expert of its
// layer that is no target of any list, the same one in every list that names the target, and no
// two by the same one. An expert is drawn with equal chances from the 2 * wanted whose load is
// nearest to its target's (all others, where a layer has fewer). Fewer controls come back where
// there are not so many; with a single target and at most `wanted` other experts, all of them do;
// without a target none does. Lists ascend.
std::vector<TargetLists> matched_controls(const TargetLists& lists, const LoadOfLayer& load,
                                          std::size_t wanted, std::uint64_t seed);

}  // namespace alluvium
