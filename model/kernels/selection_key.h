#pragma once
// One integer per expert that sorts like the choice does, on the CPU and on the GPU alike.
//
// A larger key is chosen first: the better score, and among equal scores the lower index. -0 counts
// as +0. A NaN score loses against every number, -inf included, so that a broken expert is chosen
// only when nothing else is left. Includes nothing of torch: the GPU kernel compiles it too.
#include <cstdint>
#include <cstring>

#ifdef __CUDACC__
#define ALLUVIUM_HOST_DEVICE __host__ __device__
#else
#define ALLUVIUM_HOST_DEVICE
#endif

namespace alluvium {

using SelectionKey = std::uint64_t;

// Below every key that an expert can have.
inline constexpr SelectionKey no_selection = 0;

ALLUVIUM_HOST_DEVICE inline std::uint32_t ordered_bits(float score) {
    if (score != score) return 0;
    const float canonical = score + 0.0F;  // -0 becomes +0
    std::uint32_t bits = 0;
    std::memcpy(&bits, &canonical, sizeof bits);
    // Sign bit off: set it. Sign bit on: turn the order round.
    return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

ALLUVIUM_HOST_DEVICE inline SelectionKey selection_key(float score, int expert) {
    return (static_cast<SelectionKey>(ordered_bits(score)) << 32) |
           (0xFFFFFFFFU - static_cast<std::uint32_t>(expert));
}

ALLUVIUM_HOST_DEVICE inline int selected_expert(SelectionKey key) {
    return static_cast<int>(0xFFFFFFFFU - static_cast<std::uint32_t>(key));
}

// How far apart two selection scores are. Equal ones (both -inf too) are 0 apart; NaN where one is
// NaN.
ALLUVIUM_HOST_DEVICE inline float score_distance(float better, float worse) {
    return better == worse ? 0.0F : better - worse;
}

}  // namespace alluvium
