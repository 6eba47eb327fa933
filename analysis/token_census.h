#pragma once
#include <cstdint>

namespace alluvium {

// What became of every row of a trace.
struct TokenCensus {
    std::uint64_t selected = 0;
    std::uint64_t special = 0;     // left out: added by the template or tokenizer
    std::uint64_t generated = 0;   // left out: not of the prompt
    std::uint64_t not_done = 0;    // left out: the capture did not reach them
    std::uint64_t outside = 0;     // left out: not in the slice that was asked for
    std::uint64_t unlabelled = 0;  // left out: their prompt has no label in this grouping
};

}  // namespace alluvium
