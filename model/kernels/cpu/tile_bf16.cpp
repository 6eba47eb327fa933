#include "model/kernels/cpu/tile_kernels.h"

#if defined(__x86_64__)

#include "model/kernels/cpu/cpu_features.h"
#include "model/kernels/cpu/transpose_avx512.h"

#define ALLUVIUM_AVX512_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace alluvium {
namespace {

// A panel holds, for every pair of k, the pairs of its 64 rows side by side: one 32-bit lane per
// row, the layout that vdpbf16ps multiplies a broadcast pair of x with.
constexpr std::int64_t kLanes = 16;
constexpr std::int64_t kVectors = kPanel / kLanes;
constexpr std::int64_t kRows = 6;     // 6 x 4 accumulators, 4 of W, 1 of x: 29 of 32 registers
constexpr std::int64_t kMaxK = 1024;  // a panel of 128 kB

ALLUVIUM_AVX512_BF16 void pack(const std::array<const std::byte*, kPanel>& rows, std::int64_t k,
                               std::byte* panel) {
    const std::int64_t pairs = k / 2;
    for (std::int64_t vector = 0; vector < kVectors; ++vector) {
        for (std::int64_t begin = 0; begin < pairs; begin += kLanes) {
            const std::int64_t count = pairs - begin < kLanes ? pairs - begin : kLanes;
            const auto mask = static_cast<__mmask16>((1u << count) - 1u);
            Avx512Block block;
            for (std::int64_t lane = 0; lane < kLanes; ++lane) {
                const std::byte* row = rows[static_cast<std::size_t>(vector * kLanes + lane)];
                block[lane] = row == nullptr ? _mm512_setzero_si512()
                                             : _mm512_maskz_loadu_epi32(mask, row + begin * 4);
            }
            transpose(block);
            for (std::int64_t pair = 0; pair < count; ++pair) {
                _mm512_store_si512(panel + ((begin + pair) * kPanel + vector * kLanes) * 4,
                                   block[pair]);
            }
        }
    }
}

template <int M>
ALLUVIUM_AVX512_BF16 void multiply_rows(const TileInput& in, float* y) {
    __m512 sum[M][kVectors];
    for (int m = 0; m < M; ++m) {
        for (int v = 0; v < kVectors; ++v) {
            sum[m][v] =
                in.accumulate ? _mm512_loadu_ps(y + m * kPanel + v * kLanes) : _mm512_setzero_ps();
        }
    }
    const std::int64_t pairs = in.k / 2;
    const std::byte* x[M];
    for (int m = 0; m < M; ++m) x[m] = in.x[static_cast<std::size_t>(m)];
    // One cache line every `stride` pairs brings the whole range in by the end.
    const std::int64_t lines = in.prefetch.bytes / 64;
    const std::int64_t per_step = lines == 0 ? 0 : (lines * 8 + pairs - 1) / pairs;
    const std::byte* next = in.prefetch.begin;
    const std::byte* const next_end = next + lines * 64;
    for (std::int64_t begin = 0; begin < pairs; begin += 8) {
        for (std::int64_t i = 0; i < per_step && next < next_end; ++i, next += 64) {
            _mm_prefetch(reinterpret_cast<const char*>(next), _MM_HINT_T1);
        }
        const std::int64_t end = begin + 8 < pairs ? begin + 8 : pairs;
        for (std::int64_t pair = begin; pair < end; ++pair) {
            const std::byte* const w = in.panel + pair * kPanel * 4;
            __m512bh weight[kVectors];
            for (int v = 0; v < kVectors; ++v) {
                weight[v] = (__m512bh)_mm512_load_si512(w + v * 64);
            }
            for (int m = 0; m < M; ++m) {
                const auto value =
                    (__m512bh)_mm512_set1_epi32(reinterpret_cast<const int*>(x[m])[pair]);
                for (int v = 0; v < kVectors; ++v) {
                    sum[m][v] = _mm512_dpbf16_ps(sum[m][v], value, weight[v]);
                }
            }
        }
    }
    for (int m = 0; m < M; ++m) {
        for (int v = 0; v < kVectors; ++v) {
            _mm512_storeu_ps(y + m * kPanel + v * kLanes, sum[m][v]);
        }
    }
}

void multiply(const TileInput& input, float* y) {
    switch (input.x.size()) {
        case 1:
            return multiply_rows<1>(input, y);
        case 2:
            return multiply_rows<2>(input, y);
        case 3:
            return multiply_rows<3>(input, y);
        case 4:
            return multiply_rows<4>(input, y);
        case 5:
            return multiply_rows<5>(input, y);
        default:
            return multiply_rows<6>(input, y);
    }
}

}  // namespace

const TileKernel* bf16_tile_kernel() {
    static constexpr TileKernel kernel{.x_type = at::kBFloat16,
                                       .rows = kRows,
                                       .max_k = kMaxK,
                                       .panel_bytes = kMaxK * kPanel * 2,
                                       .pack = pack,
                                       .multiply = multiply};
    return cpu_has_bf16_units() ? &kernel : nullptr;
}

}  // namespace alluvium

#else

namespace alluvium {

const TileKernel* bf16_tile_kernel() {
    return nullptr;
}

}  // namespace alluvium

#endif
