#include "model/intervene/controls.h"

#include <algorithm>
#include <set>
#include <span>

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
    return set;
}

TargetSet all_of(const TargetLists& lists) {
    TargetSet targets;
    for (const TargetSet& list : lists) targets.insert(targets.end(), list.begin(), list.end());
    std::ranges::sort(targets);
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    return targets;
}

// The lists with targets[t] replaced by drawn[t].
TargetLists replaced(const TargetLists& lists, const TargetSet& targets, const TargetSet& drawn) {
    TargetLists result = lists;
    for (TargetSet& list : result) {
        for (ExpertTarget& target : list) {
            const auto place = std::ranges::lower_bound(targets, target) - targets.begin();
            target = drawn[static_cast<std::size_t>(place)];
        }
        std::ranges::sort(list);
    }
    return result;
}

// Draws in a row without a new set after which there are taken to be no more.
constexpr int kFruitless = 200;

}  // namespace

std::vector<TargetLists> matched_controls(const TargetLists& lists, const LoadOfLayer& load,
                                          std::size_t wanted, std::uint64_t seed) {
    const TargetSet targets = all_of(lists);
    RandomSource random(seed);
    std::vector<std::vector<int>> pools;
    for (const ExpertTarget& target : targets) {
        pools.push_back(candidates(target, targets, load(target.layer), 2 * wanted));
    }
    std::vector<TargetLists> controls;
    if (targets.size() == 1) {
        random.shuffle(pools[0]);
        for (const int e : pools[0]) {
            if (controls.size() == wanted) break;
            controls.push_back(replaced(lists, targets, {{targets[0].layer, e}}));
        }
        return controls;
    }
    std::set<TargetLists> seen;
    for (int fruitless = 0; controls.size() < wanted && fruitless < kFruitless; ++fruitless) {
        const TargetSet drawn = draw(targets, pools, random);
        if (drawn.empty()) continue;
        TargetLists control = replaced(lists, targets, drawn);
        if (!seen.insert(control).second) continue;
        controls.push_back(std::move(control));
        fruitless = 0;
    }
    return controls;
}

}  // namespace alluvium
