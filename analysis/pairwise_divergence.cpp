#include "analysis/pairwise_divergence.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "analysis/entropy.h"
#include "analysis/estimate.h"

namespace alluvium {
namespace {

double entropy_of_mean(std::span<const double> a, std::span<const double> b,
                       std::vector<double>& scratch) {
    for (std::size_t e = 0; e < a.size(); ++e) scratch[e] = (a[e] + b[e]) / 2;
    return entropy(scratch);
}

}  // namespace

Grid<double> pairwise_divergence(const Grid<double>& shares) {
    const std::size_t groups = shares.rows();
    Grid<double> result(groups, groups, kMissing);
    std::vector<double> entropies(groups);
    for (std::size_t g = 0; g < groups; ++g) {
        entropies[g] = entropy(shares.row(g));
        if (!std::isnan(entropies[g])) result(g, g) = 0;
    }
    std::vector<double> mean(shares.cols());
    for (std::size_t a = 0; a < groups; ++a) {
        for (std::size_t b = a + 1; b < groups; ++b) {
            if (std::isnan(entropies[a]) || std::isnan(entropies[b])) continue;
            const double mixed = entropy_of_mean(shares.row(a), shares.row(b), mean);
            const double jsd = mixed - (entropies[a] + entropies[b]) / 2;
            // Rounding may leave -1e-17 for equal rows.
            result(a, b) = result(b, a) = std::max(0.0, jsd / std::numbers::ln2);
        }
    }
    return result;
}

}  // namespace alluvium
