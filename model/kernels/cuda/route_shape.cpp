#include <algorithm>

#include "model/kernels/cuda/route_arguments.h"

namespace alluvium {

namespace {

// Latency is hidden by warps, of which a multiprocessor holds 64 at most; more blocks only add more
// sums of counts.
constexpr std::int64_t blocks_per_multiprocessor = 4;

}  // namespace

RouteShape route_shape(const RouteRule& rule, std::int64_t tokens, int multiprocessors) {
    const std::size_t counts = route_count_words(rule) * sizeof(std::uint32_t);
    const std::size_t row = route_row_words(rule) * sizeof(std::uint32_t);
    const std::size_t fitting =
        counts < plain_shared_memory ? (plain_shared_memory - counts) / row : 0;
    const auto warps =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(fitting), 1, most_route_warps);
    const std::int64_t needed = (tokens + warps - 1) / warps;
    const std::int64_t blocks = std::min(needed, multiprocessors * blocks_per_multiprocessor);
    return {static_cast<unsigned>(blocks), static_cast<unsigned>(warps),
            counts + static_cast<std::size_t>(warps) * row};
}

}  // namespace alluvium
