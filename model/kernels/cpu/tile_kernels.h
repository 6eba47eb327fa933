#pragma once
// The kernels that tile_kernel() chooses from.
#include "model/kernels/cpu/tile_kernel.h"

namespace alluvium {

// bf16 times bf16; k must be even. Null where this CPU has no bf16 units.
const TileKernel* bf16_tile_kernel();
// Weights in f32, bf16 or f16, widened to f32 while they are packed. Null without AVX-512.
const TileKernel* avx512_f32_tile_kernel(at::ScalarType weight);
// The same on any CPU.
const TileKernel& portable_f32_tile_kernel(at::ScalarType weight);

}  // namespace alluvium
