#pragma once
// Paths counted by prompt, sparse: of the many that are possible few occur.
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"

namespace alluvium {

// A path through a window of at most 4 routed layers: 16 bits an expert, the first layer's highest.
using PathKey = std::uint64_t;
inline constexpr std::size_t kLongestPath = 4;

struct PathCount {
    std::uint32_t path = 0;  // place in PathCounts::keys
    std::uint32_t prompt = 0;
    std::uint32_t tokens = 0;
};

struct PathCounts {
    std::vector<PathKey> keys;       // ascending
    std::vector<PathCount> entries;  // by path, then prompt; each pair once

    // [groups][paths] tokens by label of the prompt; labels below 0 do not count.
    Grid<std::uint32_t> by_label(std::span<const std::int32_t> labels, std::size_t groups) const;
};

// One token's path and prompt.
struct PathToken {
    PathKey key = 0;
    std::uint32_t prompt = 0;
    auto operator<=>(const PathToken&) const = default;
};

// Takes the tokens in any order.
PathCounts count_paths(std::vector<PathToken> tokens);

}  // namespace alluvium
