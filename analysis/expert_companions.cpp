#include "analysis/expert_companions.h"

#include <algorithm>

#include "base/grid.h"

namespace alluvium {
namespace {

struct Counts {
    explicit Counts(std::size_t experts) : together(experts, experts) {}

    void add(std::span<const ExpertId> chosen) {
        if (chosen.front() == kMissingExpert) return;
        ++tokens;
        for (const ExpertId e : chosen) {
            for (const ExpertId f : chosen) ++together(e, f);
        }
    }

    std::uint64_t tokens = 0;
    Grid<std::uint64_t> together;  // [E, E]; the diagonal: tokens that chose the expert
};

std::vector<ExpertCompanion> companions(const Counts& counts, std::size_t expert,
                                        std::size_t most) {
    std::vector<ExpertCompanion> result;
    const auto own = static_cast<double>(counts.together(expert, expert));
    for (std::size_t f = 0; f < counts.together.cols(); ++f) {
        if (f == expert || counts.together(expert, f) == 0) continue;
        const double share = static_cast<double>(counts.together(expert, f)) / own;
        const double anywhere =
            static_cast<double>(counts.together(f, f)) / static_cast<double>(counts.tokens);
        result.push_back({static_cast<ExpertId>(f), share, share / anywhere});
    }
    std::stable_sort(result.begin(), result.end(),
                     [](const auto& a, const auto& b) { return a.share > b.share; });
    if (result.size() > most) result.resize(most);
    return result;
}

}  // namespace

std::vector<std::vector<ExpertCompanion>> expert_companions(const RoutingTrace& trace,
                                                            std::size_t routed,
                                                            const TokenSelection& selection,
                                                            std::size_t most, Progress& progress) {
    const std::uint32_t experts = trace.layers()[routed].experts;
    Counts counts(experts);
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const Grid<ExpertId> chosen = trace.experts(routed, range);
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t) counts.add(chosen.row(t - range.begin));
        }
    });
    std::vector<std::vector<ExpertCompanion>> result;
    for (std::size_t e = 0; e < experts; ++e) result.push_back(companions(counts, e, most));
    return result;
}

}  // namespace alluvium
