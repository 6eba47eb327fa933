#include "analysis/exclusive_experts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace alluvium {
namespace {

std::vector<std::size_t> top_experts(std::span<const double> ratios, std::size_t top) {
    std::vector<std::size_t> order(ratios.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return ratios[a] > ratios[b]; });
    order.resize(std::min(top, order.size()));
    std::erase_if(order, [&](std::size_t e) { return !(ratios[e] > 0); });
    return order;
}

std::vector<std::size_t> present_groups(const Grid<double>& token_ratio) {
    std::vector<std::size_t> groups;
    for (std::size_t g = 0; g < token_ratio.rows(); ++g) {
        if (token_ratio.cols() > 0 && !std::isnan(token_ratio(g, 0))) groups.push_back(g);
    }
    return groups;
}

}  // namespace

Exclusivity exclusive_experts(const Grid<double>& token_ratio, double threshold, std::size_t top) {
    Exclusivity result;
    const std::vector<std::size_t> groups = present_groups(token_ratio);
    if (groups.size() < 4) return result;
    result.known = true;
    std::vector<double> total(token_ratio.cols(), 0.0);
    for (const std::size_t g : groups) {
        for (std::size_t e = 0; e < total.size(); ++e) total[e] += token_ratio(g, e);
    }
    const double needed = std::max(threshold, 2.0 / static_cast<double>(groups.size()));
    std::vector<bool> looked_at(total.size(), false), owned(total.size(), false);
    for (const std::size_t g : groups) {
        for (const std::size_t e : top_experts(token_ratio.row(g), top)) {
            looked_at[e] = true;
            const double a = token_ratio(g, e) / total[e];
            if (!(a > needed)) continue;
            owned[e] = true;
            result.exclusive.push_back({static_cast<ExpertId>(e), g, a});
        }
    }
    for (std::size_t e = 0; e < total.size(); ++e) {
        if (looked_at[e] && !owned[e]) result.shared.push_back(static_cast<ExpertId>(e));
    }
    std::sort(result.exclusive.begin(), result.exclusive.end(),
              [](const auto& a, const auto& b) { return a.expert < b.expert; });
    return result;
}

}  // namespace alluvium
