#include "analysis/paths/path_entropy.h"

#include <algorithm>
#include <cmath>

namespace alluvium {

PathEntropy path_entropy(std::span<const std::uint32_t> counts) {
    double n = 0, once = 0;
    for (const std::uint32_t count : counts) {
        n += count;
        once += count == 1 ? 1 : 0;
    }
    if (n == 0) return {};
    PathEntropy result{.observed = 0, .corrected = 0};
    // Where every path was seen once nothing is known of the rest: as if one had come twice.
    result.coverage = 1 - std::min(once, n - 1) / n;
    for (const std::uint32_t count : counts) {
        if (count == 0) continue;
        const double p = count / n, shrunk = result.coverage * p;
        result.observed -= p * std::log(p);
        // log1p and expm1: a rare path of many tokens loses all digits otherwise.
        const double seen = shrunk < 1 ? -std::expm1(n * std::log1p(-shrunk)) : 1;
        if (seen > 0) result.corrected -= shrunk * std::log(shrunk) / seen;
    }
    result.effective = std::exp(result.corrected);
    return result;
}

}  // namespace alluvium
