#pragma once
// Integers that sort like the choice of a router does, on the CPU and on the GPU alike.
//
// A score becomes a 32-bit rank code: the better score has the larger code; -0 counts as +0; a NaN
// loses against every number, -inf included. A key is the code followed by the index turned round:
// among equal scores the lower index has the larger key, so the choice is never ambiguous.
// Includes nothing of torch: the GPU kernels compile it too.
#include <cstdint>
#include <cstring>

#include "model/kernels/host_device.h"

namespace alluvium {

using RankCode = std::uint32_t;
using SelectionKey = std::uint64_t;

// Codes below those of all numbers (-inf is 0x007FFFFF).
inline constexpr RankCode taken_code = 0;    // chosen already
inline constexpr RankCode outside_code = 1;  // in a group that is not kept: never chosen
inline constexpr RankCode nan_code = 2;

ALLUVIUM_HOST_DEVICE inline RankCode rank_code(float score) {
    if (score != score) return nan_code;
    const float canonical = score + 0.0F;  // -0 becomes +0
    RankCode bits = 0;
    std::memcpy(&bits, &canonical, sizeof bits);
    // Sign bit off: set it. Sign bit on: turn the order round.
    return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

// The score that a code was made of, or that of the experts `outside` the kept groups. NaN for
// taken_code: what is taken has no score any more.
ALLUVIUM_HOST_DEVICE inline float score_of(RankCode code, float outside) {
    if (code == outside_code) return outside;
    RankCode bits = (code & 0x80000000U) != 0 ? code & 0x7FFFFFFFU : ~code;
    if (code <= nan_code) bits = 0x7FC00000U;
    float score = 0;
    std::memcpy(&score, &bits, sizeof score);
    return score;
}

ALLUVIUM_HOST_DEVICE inline SelectionKey selection_key(RankCode code, int index) {
    return (static_cast<SelectionKey>(code) << 32) |
           (0xFFFFFFFFU - static_cast<std::uint32_t>(index));
}

ALLUVIUM_HOST_DEVICE inline RankCode code_of(SelectionKey key) {
    return static_cast<RankCode>(key >> 32);
}

ALLUVIUM_HOST_DEVICE inline int index_of(SelectionKey key) {
    return static_cast<int>(0xFFFFFFFFU - static_cast<std::uint32_t>(key));
}

// How far apart two selection scores are: 0 where they are equal (both -inf too), NaN where either
// is NaN.
ALLUVIUM_HOST_DEVICE inline float score_distance(float better, float worse) {
    return better == worse ? 0.0F : better - worse;
}

// The smaller of two margins; NaN where either is NaN.
ALLUVIUM_HOST_DEVICE inline float smaller_margin(float a, float b) {
    if (a != a) return a;
    return b < a || b != b ? b : a;
}

}  // namespace alluvium
