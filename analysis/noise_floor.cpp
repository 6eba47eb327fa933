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

// Prompts of one pseudo-group that are left out together: leaving out 1 of 8 parts takes out the
// bias as leaving out 1 of 400 prompts does, at a fiftieth of the cost. 8 or fewer prompts are
// parts of their own.
constexpr std::size_t kMostParts = 8;

double corrected_divergence(const Grid<double>& rows, const NoiseSplit& split) {
    const std::size_t groups = split.pseudo_groups;
    // Prompts are dealt in turn, so the i-th is the (i / groups)-th of its pseudo-group.
    Grid<double> parts(groups * kMostParts, rows.cols(), 0.0);
    Grid<double> sums(groups, rows.cols(), 0.0);
    std::vector<std::uint8_t> filled(parts.rows(), 0);
    for (std::size_t i = 0; i < split.prompts.size(); ++i) {
        const auto g = static_cast<std::size_t>(split.pseudo_group[i]);
        const std::size_t part = g * kMostParts + i / groups % kMostParts;
        filled[part] = 1;
        const auto from = rows.row(split.prompts[i]);
        const auto to = parts.row(part);
        for (std::size_t e = 0; e < from.size(); ++e) to[e] += from[e];
    }
    for (std::size_t part = 0; part < parts.rows(); ++part) {
        const auto from = parts.row(part);
        const auto to = sums.row(part / kMostParts);
        for (std::size_t e = 0; e < from.size(); ++e) to[e] += from[e];
    }
    const LeaveOneOut leave_out(sums);
    std::vector<double> without;
    std::vector<std::int32_t> stratum;
    for (std::size_t part = 0; part < parts.rows(); ++part) {
        if (filled[part] == 0) continue;
        const std::size_t g = part / kMostParts;
        without.push_back(leave_out.without(g, parts.row(part)));
        stratum.push_back(static_cast<std::int32_t>(g));
    }
    return jackknife(leave_out.value(), without, stratum).corrected;
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
