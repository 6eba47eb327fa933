#pragma once

namespace alluvium {

// What this CPU offers our kernels. The environment variable ALLUVIUM_CPU takes away from it, so
// that the kernels of lesser CPUs can be run on this one: `portable` is no AVX-512 at all, `avx512`
// is AVX-512 without bf16 units. Read once; UserError for another value.

// AVX-512 dot products of bf16 pairs (Zen 4, Cooper Lake and later).
bool cpu_has_bf16_units();
bool cpu_has_avx512();

}  // namespace alluvium
