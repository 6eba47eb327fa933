#include "model/intervene/controls.h"

#include <algorithm>
#include <set>

#include "model/train/random_source.h"

namespace alluvium {
namespace {

using TargetSet = std::vector<ExpertTarget>;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : b - a;
}

// The experts that may stand for one target, nearest load first, ties by number.
std::vector<int> candidates(const ExpertTarget& target, std::span<const ExpertTarget> targets,
                            const std::vector<std::uint64_t>& load, std::size_t most) {
    std::vector<int> others;
    for (int e = 0; e < static_cast<int>(load.size()); ++e) {
        if (std::ranges::find(targets, ExpertTarget{target.layer, e}) == targets.end()) {
            others.push_back(e);
        }
    }
    const std::uint64_t own = load[static_cast<std::size_t>(target.expert)];
    std::ranges::stable_sort(
        others, {}, [&](int e) { return distance(load[static_cast<std::size_t>(e)], own); });
    others.resize(std::min(others.size(), most));
    return others;
}

// One expert for each target, none twice; empty where the draw runs out of experts.
TargetSet draw(std::span<const ExpertTarget> targets, const std::vector<std::vector<int>>& pools,
               RandomSource& random) {
    TargetSet set;
    for (std::size_t t = 0; t < targets.size(); ++t) {
        std::vector<int> left;
        for (const int e : pools[t]) {
            if (std::ranges::find(set, ExpertTarget{targets[t].layer, e}) == set.end()) {
                left.push_back(e);
            }
        }
        if (left.empty()) return {};
        set.push_back({targets[t].layer, left[random.below(left.size())]});
    }
    std::ranges::sort(set);
    return set;
}

// Draws in a row without a new set after which there are taken to be no more.
constexpr int kFruitless = 200;

}  // namespace

std::vector<TargetSet> matched_controls(std::span<const ExpertTarget> targets,
                                        const LoadOfLayer& load, std::size_t wanted,
                                        std::uint64_t seed) {
    RandomSource random(seed);
    std::vector<std::vector<int>> pools;
    for (const ExpertTarget& target : targets) {
        pools.push_back(candidates(target, targets, load(target.layer), 2 * wanted));
    }
    std::vector<TargetSet> sets;
    if (targets.size() == 1) {
        random.shuffle(pools[0]);
        for (const int e : pools[0]) {
            if (sets.size() < wanted) sets.push_back({{targets[0].layer, e}});
        }
        return sets;
    }
    std::set<TargetSet> seen;
    for (int fruitless = 0; sets.size() < wanted && fruitless < kFruitless; ++fruitless) {
        TargetSet set = draw(targets, pools, random);
        if (set.empty() || !seen.insert(set).second) continue;
        sets.push_back(std::move(set));
        fruitless = 0;
    }
    return sets;
}

}  // namespace alluvium
