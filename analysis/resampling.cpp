#include "analysis/resampling.h"

#include <algorithm>
#include <cassert>

#include "analysis/divergence.h"
#include "analysis/seeded_random.h"
#include "analysis/share.h"

namespace alluvium {
namespace {

void subtract(std::span<double> from, std::span<const double> what) {
    // Masses are sums of rounded terms: what remains of nothing is 0, not -1e-17.
    for (std::size_t e = 0; e < from.size(); ++e) from[e] = std::max(0.0, from[e] - what[e]);
}

// A unit of one label, as one row.
std::vector<double> unit_row(const Grid<double>& rows, const std::vector<std::uint32_t>& prompts) {
    std::vector<double> total(rows.cols(), 0.0);
    for (const std::uint32_t p : prompts) {
        for (std::size_t e = 0; e < total.size(); ++e) total[e] += rows(p, e);
    }
    return total;
}

bool label_varies(const PromptUnits& units, const std::vector<std::uint32_t>& prompts) {
    return std::any_of(prompts.begin(), prompts.end(), [&](std::uint32_t p) {
        return units.labels[p] != units.labels[prompts.front()];
    });
}

// Fills labels with one draw; `whole`: the units of one label, which swap labels among each other.
void permute_once(const PromptUnits& units, const std::vector<std::size_t>& whole,
                  SeededRandom& random, std::span<std::int32_t> labels) {
    std::copy(units.labels.begin(), units.labels.end(), labels.begin());
    std::vector<std::int32_t> pool;
    for (const auto& prompts : units.prompts) {
        if (!label_varies(units, prompts)) continue;
        pool.clear();
        for (const std::uint32_t p : prompts) pool.push_back(units.labels[p]);
        random.shuffle(std::span(pool));
        for (std::size_t i = 0; i < prompts.size(); ++i) labels[prompts[i]] = pool[i];
    }
    pool.clear();
    for (const std::size_t u : whole) pool.push_back(units.labels[units.prompts[u].front()]);
    random.shuffle(std::span(pool));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const std::uint32_t p : units.prompts[whole[i]]) labels[p] = pool[i];
    }
}

}  // namespace

std::vector<double> divergence_without_units(const Grid<double>& rows, const PromptUnits& units) {
    const Grid<double> sums = sum_by_label(rows, units.labels, units.groups);
    std::vector<double> without(units.size());
    if (!units.crossed) {
        const LeaveOneOut leave_out(sums);
        for (std::size_t u = 0; u < units.size(); ++u) {
            const auto label = static_cast<std::size_t>(units.labels[units.prompts[u].front()]);
            without[u] = leave_out.without(label, unit_row(rows, units.prompts[u]));
        }
        return without;
    }
    Grid<double> rest;
    for (std::size_t u = 0; u < units.size(); ++u) {
        rest = sums;
        for (const std::uint32_t p : units.prompts[u]) {
            subtract(rest.row(static_cast<std::size_t>(units.labels[p])), rows.row(p));
        }
        without[u] = divergence(rest);
    }
    return without;
}

Grid<std::int32_t> permuted_labels(const PromptUnits& units, std::size_t draws,
                                   std::uint64_t seed) {
    assert(units.no_permutation.empty());
    std::vector<std::size_t> whole;
    for (std::size_t u = 0; u < units.size(); ++u) {
        if (!label_varies(units, units.prompts[u])) whole.push_back(u);
    }
    SeededRandom random(seed, "label permutations");
    Grid<std::int32_t> result(draws, units.labels.size());
    for (std::size_t b = 0; b < draws; ++b) permute_once(units, whole, random, result.row(b));
    return result;
}

Grid<std::uint16_t> bootstrap_weights(const PromptUnits& units, std::size_t draws,
                                      std::uint64_t seed) {
    std::vector<std::vector<std::size_t>> strata;
    for (std::size_t u = 0; u < units.size(); ++u) {
        const auto s = static_cast<std::size_t>(units.stratum[u]);
        if (strata.size() <= s) strata.resize(s + 1);
        strata[s].push_back(u);
    }
    SeededRandom random(seed, "bootstrap");
    Grid<std::uint16_t> result(draws, units.labels.size());
    for (std::size_t b = 0; b < draws; ++b) {
        for (const auto& stratum : strata) {
            for (std::size_t i = 0; i < stratum.size(); ++i) {
                const std::size_t u = stratum[random.below(stratum.size())];
                for (const std::uint32_t p : units.prompts[u]) ++result(b, p);
            }
        }
    }
    return result;
}

}  // namespace alluvium
