#pragma once
// Names for the numbers that travel through every room.
#include <cstdint>

namespace alluvium {

// Zero-based expert number inside its layer, as in the checkpoint's tensors.
using ExpertId = std::uint16_t;
inline constexpr ExpertId kMissingExpert = 0xffff;

// True zero-based decoder layer, dense layers counted; not the index among the routed layers.
using LayerId = std::int32_t;

// Row of a trace: position over all prompts, in file order.
using TokenPos = std::uint64_t;

// Half-open range of rows.
struct TokenRange {
    TokenPos begin = 0;
    TokenPos end = 0;

    TokenPos size() const { return end - begin; }
    bool operator==(const TokenRange&) const = default;
};

}  // namespace alluvium
