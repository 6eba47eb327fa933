#pragma once
// Byte-pair encoding learned from counted words (Sennrich et al. 2016, arXiv 1508.07909): again and
// again the most frequent pair of neighbours becomes a new symbol.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"

namespace alluvium {

struct CountedWord {
    std::string bytes;
    std::uint64_t count = 0;
};

// Ids 0..255 are the bytes.
struct LearnedMerge {
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    std::uint32_t merged = 0;
};

struct LearnedMerges {
    std::vector<std::string> tokens;  // bytes of each id, the 256 single bytes first
    std::vector<LearnedMerge> merges;
};

// Learns until there are `vocabulary` tokens or nothing is left to merge. Of equally frequent pairs
// the one of smaller ids goes first, so that the result does not depend on the order of `words`.
// Two merges that spell the same bytes share one token. Progress counts tokens. Counts must add up
// to less than 2^63 over all positions.
LearnedMerges learn_merges(std::span<const CountedWord> words, std::size_t vocabulary,
                           Progress& progress);

}  // namespace alluvium
