#include <algorithm>

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include "model/kernels/cpu/tile_kernels.h"

#if defined(__x86_64__)
#define ALLUVIUM_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define ALLUVIUM_CLONES
#endif

namespace alluvium {
namespace {

constexpr std::int64_t kRows = 1;
constexpr std::int64_t kMaxK = 1024;

template <typename Weight>
void pack(const std::array<const std::byte*, kPanel>& rows, std::int64_t k, std::byte* panel) {
    auto* out = reinterpret_cast<float*>(panel);
    for (std::size_t lane = 0; lane < rows.size(); ++lane) {
        const auto* row = reinterpret_cast<const Weight*>(rows[lane]);
        for (std::int64_t i = 0; i < k; ++i) {
            out[i * kPanel + static_cast<std::int64_t>(lane)] =
                row == nullptr ? 0.0F : static_cast<float>(row[i]);
        }
    }
}

ALLUVIUM_CLONES void multiply_row(const float* x, const float* panel, std::int64_t k, float* y) {
    for (std::int64_t i = 0; i < k; ++i) {
        for (std::int64_t lane = 0; lane < kPanel; ++lane) {
            y[lane] += x[i] * panel[i * kPanel + lane];
        }
    }
}

void multiply(const TileInput& in, float* y) {
    std::array<float, kPanel> sum{};
    if (in.accumulate) std::copy_n(y, kPanel, sum.begin());
    multiply_row(reinterpret_cast<const float*>(in.x[0]), reinterpret_cast<const float*>(in.panel),
                 in.k, sum.data());
    std::ranges::copy(sum, y);
}

template <typename Weight>
constexpr TileKernel kKernel{.x_type = at::kFloat,
                             .rows = kRows,
                             .max_k = kMaxK,
                             .panel_bytes = kMaxK* kPanel * 4,
                             .pack = pack<Weight>,
                             .multiply = multiply};

}  // namespace

const TileKernel& portable_f32_tile_kernel(at::ScalarType weight) {
    if (weight == at::kFloat) return kKernel<float>;
    if (weight == at::kHalf) return kKernel<c10::Half>;
    return kKernel<c10::BFloat16>;
}

}  // namespace alluvium
