#pragma once

namespace alluvium {

// AVX-512 dot products of bf16 pairs (Zen 4, Cooper Lake and later).
bool cpu_has_bf16_units();
bool cpu_has_avx512();

}  // namespace alluvium
