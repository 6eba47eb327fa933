#pragma once
// The innermost piece of a matrix product y = x W^T, with a shape that never changes: up to
// TileKernel::rows rows of x against a panel of kPanel rows of W. Every element of y is summed over
// k in one order, whatever else is computed beside it, so a row's result does not depend on the
// other rows. W is read as it lies in the checkpoint ([out, in], mapped) and re-ordered panel by
// panel on the way into the cache: no packed copy of the weights is ever kept.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <c10/core/ScalarType.h>

namespace alluvium {

inline constexpr std::int64_t kPanel = 64;  // rows of W, columns of y

// Memory that will be needed soon; fetched while the kernel computes.
struct PrefetchRange {
    const std::byte* begin = nullptr;
    std::int64_t bytes = 0;
};

struct TileInput {
    std::span<const std::byte* const> x;  // 1 .. rows pointers to k elements of TileKernel::x_type
    const std::byte* panel = nullptr;     // as written by `pack`
    std::int64_t k = 0;
    bool accumulate = false;  // add to what `y` holds instead of overwriting it
    PrefetchRange prefetch;
};

struct TileKernel {
    at::ScalarType x_type = at::kFloat;  // what rows of x must be in
    std::int64_t rows = 0;               // of x at once
    std::int64_t max_k = 0;              // a panel of this many k fits the second-level cache
    std::int64_t panel_bytes = 0;        // for max_k

    // Re-orders k elements from each of the kPanel rows of W; a null row counts as zeros.
    void (*pack)(const std::array<const std::byte*, kPanel>& rows, std::int64_t k,
                 std::byte* panel) = nullptr;
    // y [rows of x, kPanel]
    void (*multiply)(const TileInput& input, float* y) = nullptr;
};

// The kernel for weights of this type on this CPU. bf16 weights with bf16 units are multiplied as
// they are (products exact, sums in f32), all others in f32. `in` is W's second dimension.
const TileKernel& tile_kernel(at::ScalarType weight, std::int64_t in);

}  // namespace alluvium
