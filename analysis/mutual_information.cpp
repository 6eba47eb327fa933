#include "analysis/mutual_information.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/divergence.h"
#include "analysis/entropy.h"

namespace alluvium {
namespace {

std::vector<double> group_totals(const Grid<double>& selections) {
    std::vector<double> totals(selections.rows());
    for (std::size_t g = 0; g < totals.size(); ++g) totals[g] = sum(selections.row(g));
    return totals;
}

std::vector<double> expert_totals(const Grid<double>& selections) {
    std::vector<double> totals(selections.cols(), 0.0);
    for (std::size_t g = 0; g < selections.rows(); ++g) {
        for (std::size_t e = 0; e < totals.size(); ++e) totals[e] += selections(g, e);
    }
    return totals;
}

}  // namespace

double raw_mutual_information(const Grid<double>& selections) {
    const std::vector<double> weights = group_totals(selections);
    const double total = sum(weights);
    double conditional = 0;
    for (std::size_t g = 0; g < weights.size(); ++g) {
        if (weights[g] > 0) conditional += weights[g] / total * entropy(selections.row(g));
    }
    return entropy(expert_totals(selections)) - conditional;
}

MutualInformation mutual_information(const Grid<double>& selections, std::size_t top_k,
                                     double tokens) {
    MutualInformation result;
    const std::size_t groups = groups_with_selections(selections);
    if (groups < 2) return result;
    const std::vector<double> used = expert_totals(selections);
    const auto experts = static_cast<double>(
        std::count_if(used.begin(), used.end(), [](double n) { return n > 0; }));
    const auto k = static_cast<double>(top_k);
    result.raw = raw_mutual_information(selections);
    const double bias = static_cast<double>(groups - 1) * (experts - k) / (2 * tokens * k);
    result.value = result.raw - bias;
    result.nmi = result.value / entropy(group_totals(selections));
    return result;
}

}  // namespace alluvium
