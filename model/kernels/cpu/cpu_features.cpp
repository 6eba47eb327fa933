#include "model/kernels/cpu/cpu_features.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/error.h"

namespace alluvium {
namespace {

enum class Level { portable, avx512, avx512_bf16 };

#if defined(__x86_64__)

Level level_of_cpu() {
    const bool avx512 = __builtin_cpu_supports("avx512f") != 0 &&
                        __builtin_cpu_supports("avx512bw") != 0 &&
                        __builtin_cpu_supports("avx512vl") != 0;
    if (!avx512) return Level::portable;
    return __builtin_cpu_supports("avx512bf16") != 0 ? Level::avx512_bf16 : Level::avx512;
}

#else

Level level_of_cpu() {
    return Level::portable;
}

#endif

Level level_allowed() {
    const char* value = std::getenv("ALLUVIUM_CPU");
    const std::string word = value == nullptr ? "" : value;
    if (word.empty()) return Level::avx512_bf16;
    if (word == "avx512") return Level::avx512;
    if (word == "portable") return Level::portable;
    throw UserError("the environment variable ALLUVIUM_CPU is '" + word + "'",
                    "it may be portable or avx512, or be left out");
}

Level level() {
    static const Level lower = std::min(level_of_cpu(), level_allowed());
    return lower;
}

}  // namespace

bool cpu_has_bf16_units() {
    return level() == Level::avx512_bf16;
}

bool cpu_has_avx512() {
    return level() >= Level::avx512;
}

}  // namespace alluvium
