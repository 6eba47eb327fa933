#include "model/kernels/cpu/cpu_features.h"

namespace alluvium {

#if defined(__x86_64__)

bool cpu_has_bf16_units() {
    return cpu_has_avx512() && __builtin_cpu_supports("avx512bf16") != 0;
}

bool cpu_has_avx512() {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0;
}

#else

bool cpu_has_bf16_units() {
    return false;
}

bool cpu_has_avx512() {
    return false;
}

#endif

}  // namespace alluvium
