#pragma once
// Which experts of one layer stand for themselves in a group's circuit.
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/options.h"
#include "base/grid.h"

namespace alluvium {

// `mass`: [E] shares of the group, sum 1; `ratio`: [E] token ratios. Ascending. mass:P keeps the
// smallest set that carries P, the lower index first in a tie; ratio:T those with ratio >= T.
std::vector<std::uint32_t> kept_experts(const KeepRule& rule, std::span<const double> mass,
                                        std::span<const double> ratio);

}  // namespace alluvium
