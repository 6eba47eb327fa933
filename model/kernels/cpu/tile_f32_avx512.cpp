#include "model/kernels/cpu/tile_kernels.h"

#if defined(__x86_64__)

#include "model/kernels/cpu/cpu_features.h"
#include "model/kernels/cpu/transpose_avx512.h"

#define ALLUVIUM_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

namespace alluvium {
namespace {

// A panel holds, for every k, the elements of its 64 rows side by side.
constexpr std::int64_t kLanes = 16;
constexpr std::int64_t kVectors = kPanel / kLanes;
constexpr std::int64_t kRows = 6;     // 6 x 4 accumulators, 4 of W, 1 of x: 29 of 32 registers
constexpr std::int64_t kMaxK = 1024;  // a panel of 256 kB

template <at::ScalarType kWeight>
ALLUVIUM_AVX512 __m512 load_widened(const std::byte* row, std::int64_t at, __mmask16 mask) {
    if constexpr (kWeight == at::kFloat) return _mm512_maskz_loadu_ps(mask, row + at * 4);
    const __m256i half = _mm256_maskz_loadu_epi16(mask, row + at * 2);
    if constexpr (kWeight == at::kHalf) return _mm512_cvtph_ps(half);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

template <at::ScalarType kWeight>
ALLUVIUM_AVX512 void pack(const std::array<const std::byte*, kPanel>& rows, std::int64_t k,
                          std::byte* panel) {
    for (std::int64_t vector = 0; vector < kVectors; ++vector) {
        for (std::int64_t begin = 0; begin < k; begin += kLanes) {
            const std::int64_t count = k - begin < kLanes ? k - begin : kLanes;
            const auto mask = static_cast<__mmask16>((1u << count) - 1u);
            Avx512Block block;
            for (std::int64_t lane = 0; lane < kLanes; ++lane) {
                const std::byte* row = rows[static_cast<std::size_t>(vector * kLanes + lane)];
                block[lane] = row == nullptr
                                  ? _mm512_setzero_si512()
                                  : _mm512_castps_si512(load_widened<kWeight>(row, begin, mask));
            }
            transpose(block);
            for (std::int64_t i = 0; i < count; ++i) {
                _mm512_store_si512(panel + ((begin + i) * kPanel + vector * kLanes) * 4, block[i]);
            }
        }
    }
}

template <int M>
ALLUVIUM_AVX512 void multiply_rows(const TileInput& in, float* y) {
    __m512 sum[M][kVectors];
    const float* x[M];
    for (int m = 0; m < M; ++m) {
        x[m] = reinterpret_cast<const float*>(in.x[static_cast<std::size_t>(m)]);
        for (int v = 0; v < kVectors; ++v) {
            sum[m][v] =
                in.accumulate ? _mm512_loadu_ps(y + m * kPanel + v * kLanes) : _mm512_setzero_ps();
        }
    }
    const auto* w = reinterpret_cast<const float*>(in.panel);
    for (std::int64_t i = 0; i < in.k; ++i, w += kPanel) {
        __m512 weight[kVectors];
        for (int v = 0; v < kVectors; ++v) weight[v] = _mm512_load_ps(w + v * kLanes);
        for (int m = 0; m < M; ++m) {
            const __m512 value = _mm512_set1_ps(x[m][i]);
            for (int v = 0; v < kVectors; ++v) {
                sum[m][v] = _mm512_fmadd_ps(value, weight[v], sum[m][v]);
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

template <at::ScalarType kWeight>
constexpr TileKernel kKernel{.x_type = at::kFloat,
                             .rows = kRows,
                             .max_k = kMaxK,
                             .panel_bytes = kMaxK* kPanel * 4,
                             .pack = pack<kWeight>,
                             .multiply = multiply};

}  // namespace

const TileKernel* avx512_f32_tile_kernel(at::ScalarType weight) {
    if (!cpu_has_avx512()) return nullptr;
    if (weight == at::kFloat) return &kKernel<at::kFloat>;
    return weight == at::kHalf ? &kKernel<at::kHalf> : &kKernel<at::kBFloat16>;
}

}  // namespace alluvium

#else

namespace alluvium {

const TileKernel* avx512_f32_tile_kernel(at::ScalarType) {
    return nullptr;
}

}  // namespace alluvium

#endif
