#include "analysis/noise_floor.h"

#include <algorithm>
#include <set>

#include "analysis/divergence.h"
#include "analysis/estimate.h"
#include "analysis/jackknife.h"
#include "analysis/seeded_random.h"

namespace alluvium {
namespace {

std::vector<std::vector<std::uint32_t>> prompts_by_label(const PromptUnits& units) {
    std::vector<std::vector<std::uint32_t>> prompts(units.groups);
    for (std::size_t p = 0; p < units.labels.size(); ++p) {
        if (units.labels[p] < 0) continue;
        prompts[static_cast<std::size_t>(units.labels[p])].push_back(static_cast<std::uint32_t>(p));
    }
    std::erase_if(prompts, [](const auto& list) { return list.empty(); });
    return prompts;
}

double corrected_divergence(const Grid<double>& rows, const NoiseSplit& split) {
    Grid<double> sums(split.pseudo_groups, rows.cols(), 0.0);
    for (std::size_t i = 0; i < split.prompts.size(); ++i) {
        const auto from = rows.row(split.prompts[i]);
        const auto to = sums.row(static_cast<std::size_t>(split.pseudo_group[i]));
        for (std::size_t e = 0; e < from.size(); ++e) to[e] += from[e];
    }
    const LeaveOneOut leave_out(sums);
    std::vector<double> without(split.prompts.size());
    for (std::size_t i = 0; i < without.size(); ++i) {
        without[i] = leave_out.without(static_cast<std::size_t>(split.pseudo_group[i]),
                                       rows.row(split.prompts[i]));
    }
    return jackknife(leave_out.value(), without, split.pseudo_group).corrected;
}

}  // namespace

NoiseSplits deal_noise_splits(const PromptUnits& units, std::size_t per_group, std::uint64_t seed) {
    NoiseSplits result;
    const auto by_label = prompts_by_label(units);
    const std::size_t groups = by_label.size();
    if (groups < 2) {
        result.missing = "a single group: nothing to compare it with";
        return result;
    }
    SeededRandom random(seed, "noise floor");
    for (const auto& prompts : by_label) {
        if (prompts.size() < 2 * groups) continue;
        NoiseSplit split{prompts, {}, groups};
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            split.pseudo_group.push_back(static_cast<std::int32_t>(i % groups));
        }
        for (std::size_t s = 0; s < per_group; ++s) {
            random.shuffle(std::span(split.prompts));
            result.splits.push_back(split);
        }
    }
    if (result.splits.empty()) {
        result.missing = "needs a group with at least " + std::to_string(2 * groups) +
                         " prompts, 2 for each of " + std::to_string(groups) + " pseudo-groups";
    }
    return result;
}

double noise_floor(const Grid<double>& rows, const NoiseSplits& splits) {
    double total = 0, count = 0;
    for (const NoiseSplit& split : splits.splits) {
        const double value = corrected_divergence(rows, split);
        if (!std::isfinite(value)) continue;
        total += value;
        count += 1;
    }
    return count > 0 ? total / count : kMissing;
}

}  // namespace alluvium
