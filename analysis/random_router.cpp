#include "analysis/random_router.h"

#include <cmath>
#include <numeric>
#include <vector>

#include "analysis/divergence.h"
#include "analysis/jackknife.h"
#include "analysis/resampling.h"
#include "analysis/share.h"
#include "analysis/student_t.h"

namespace alluvium {
namespace {

// [prompts, E] choices of one redrawn router.
Grid<double> count_draw(const RoutingTrace& trace, std::size_t routed, std::uint32_t draw,
                        const TokenSelection& selection, const Progress& progress) {
    Grid<double> rows(selection.prompts.size(), trace.layers()[routed].experts, 0.0);
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const Grid<ExpertId> experts = trace.random_experts(routed, draw, range);
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t) {
                const auto chosen = experts.row(t - range.begin);
                if (chosen.front() == kMissingExpert) continue;
                for (const ExpertId e : chosen) rows(run.prompt, e) += 1;
            }
        }
    });
    return rows;
}

double corrected(const Grid<double>& rows, const PromptUnits& units) {
    const double value = divergence(sum_by_label(rows, units.labels, units.groups));
    return jackknife(value, divergence_without_units(rows, units), units.stratum).corrected;
}

}  // namespace

RandomRouter random_router(const RoutingTrace& trace, std::size_t routed, const Sample& sample,
                           const Progress& progress) {
    RandomRouter result;
    if (!sample.units.no_interval.empty()) return result;
    std::vector<double> draws;
    for (std::uint32_t r = 0; r < trace.layers()[routed].random_routers; ++r) {
        const double value =
            corrected(count_draw(trace, routed, r, sample.selection, progress), sample.units);
        if (std::isfinite(value)) draws.push_back(value);
    }
    if (draws.empty()) return result;
    const auto n = static_cast<double>(draws.size());
    result.draws = static_cast<std::uint32_t>(draws.size());
    result.mean = std::accumulate(draws.begin(), draws.end(), 0.0) / n;
    if (draws.size() < 2) return result;
    double squares = 0;
    for (const double d : draws) squares += (d - result.mean) * (d - result.mean);
    const double half =
        student_t_quantile(0.975, n - 1) * std::sqrt(squares / (n - 1) * (1 + 1 / n));
    result.low = result.mean - half;
    result.high = result.mean + half;
    return result;
}

}  // namespace alluvium
