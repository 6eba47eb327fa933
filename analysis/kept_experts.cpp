#include "analysis/kept_experts.h"

#include <algorithm>
#include <numeric>

namespace alluvium {
namespace {

// Sums of shares are off by rounding: a set that carries P up to this carries P.
constexpr double kRounding = 1e-9;

std::vector<std::uint32_t> by_mass(double amount, std::span<const double> mass) {
    std::vector<std::uint32_t> order(mass.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return mass[a] > mass[b]; });
    double carried = 0;
    std::size_t kept = 0;
    while (kept < order.size() && carried < amount - kRounding) carried += mass[order[kept++]];
    order.resize(kept);
    std::sort(order.begin(), order.end());
    return order;
}

}  // namespace

std::vector<std::uint32_t> kept_experts(const KeepRule& rule, std::span<const double> mass,
                                        std::span<const double> ratio) {
    if (rule.kind == KeepRule::Kind::mass) return by_mass(rule.amount, mass);
    std::vector<std::uint32_t> kept;
    for (std::size_t e = 0; e < ratio.size(); ++e) {
        if (ratio[e] >= rule.amount - kRounding) kept.push_back(static_cast<std::uint32_t>(e));
    }
    return kept;
}

}  // namespace alluvium
