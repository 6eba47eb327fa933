#pragma once
// Which expert of one checkpoint plays the part of which of another.
#include <cstdint>
#include <vector>

#include "base/grid.h"

namespace alluvium {

// The one-to-one assignment of rows to columns with the largest sum (Kuhn 1955, in the shortest
// augmenting path form of Jonker and Volgenant 1987; O(n^3)). `gain` is square. result[row] =
// column.
std::vector<std::uint32_t> best_assignment(const Grid<double>& gain);

}  // namespace alluvium
