#include "model/kernels/cpu/tile_kernel.h"

#include "model/kernels/cpu/tile_kernels.h"

namespace alluvium {

const TileKernel& tile_kernel(at::ScalarType weight, std::int64_t in) {
    if (weight == at::kBFloat16 && in % 2 == 0) {
        if (const TileKernel* kernel = bf16_tile_kernel()) return *kernel;
    }
    if (const TileKernel* kernel = avx512_f32_tile_kernel(weight)) return *kernel;
    return portable_f32_tile_kernel(weight);
}

}  // namespace alluvium
