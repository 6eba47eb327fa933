#include "analysis/load.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/entropy.h"

namespace alluvium {
namespace {

double gini(std::span<const double> values, double total) {
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    const auto n = static_cast<double>(sorted.size());
    double ranked = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        ranked += (2 * static_cast<double>(i + 1) - n - 1) * sorted[i];
    }
    return ranked / (n * total);
}

}  // namespace

Load load_of(std::span<const double> selections) {
    Load load;
    const double total = sum(selections);
    load.dead_experts =
        static_cast<std::uint32_t>(std::count(selections.begin(), selections.end(), 0.0));
    if (!(total > 0)) return load;
    const auto experts = static_cast<double>(selections.size());
    const double mean = total / experts;
    double squares = 0;
    for (const double n : selections) squares += (n - mean) * (n - mean);
    load.cv = std::sqrt(squares / experts) / mean;
    load.max_vio = *std::max_element(selections.begin(), selections.end()) / mean - 1;
    load.gini = gini(selections, total);
    load.effective_experts = std::exp(entropy(selections));
    return load;
}

}  // namespace alluvium
