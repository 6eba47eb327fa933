#include "analysis/paths/path_overlap.h"

#include <algorithm>
#include <vector>

#include "analysis/estimate.h"

namespace alluvium {
namespace {

// Shares of one path by group, of those that take it.
class PathShares {
  public:
    explicit PathShares(std::size_t groups) : tokens_(groups, 0.0) {}

    void add(std::size_t group, double tokens) {
        if (tokens_[group] == 0) touched_.push_back(group);
        tokens_[group] += tokens;
    }
    // Sum over pairs of min(p_a, p_b): of values in falling order the i-th is the smaller one of
    // i pairs. Empties the path.
    double take_overlap(const std::vector<double>& totals) {
        sorted_.clear();
        for (const std::size_t g : touched_) {
            sorted_.push_back(tokens_[g] / totals[g]);
            tokens_[g] = 0;
        }
        touched_.clear();
        std::ranges::sort(sorted_, std::greater<>());
        double sum = 0;
        for (std::size_t i = 1; i < sorted_.size(); ++i) sum += static_cast<double>(i) * sorted_[i];
        return sum;
    }

  private:
    std::vector<double> tokens_, sorted_;
    std::vector<std::size_t> touched_;
};

}  // namespace

Grid<double> pairwise_path_overlap(const Grid<std::uint32_t>& counts) {
    const std::size_t groups = counts.rows();
    std::vector<double> totals(groups, 0.0);
    for (std::size_t g = 0; g < groups; ++g) {
        for (const std::uint32_t count : counts.row(g)) totals[g] += count;
    }
    Grid<double> overlap(groups, groups, kMissing);
    for (std::size_t a = 0; a < groups; ++a) {
        for (std::size_t b = a; b < groups; ++b) {
            if (totals[a] == 0 || totals[b] == 0) continue;
            double sum = 0;
            for (std::size_t path = 0; path < counts.cols(); ++path) {
                sum += std::min(counts(a, path) / totals[a], counts(b, path) / totals[b]);
            }
            overlap(a, b) = overlap(b, a) = sum;
        }
    }
    return overlap;
}

double mean_path_overlap(const PathCounts& counts, std::span<const std::int32_t> labels,
                         std::size_t groups) {
    std::vector<double> totals(groups, 0.0);
    for (const PathCount& entry : counts.entries) {
        const std::int32_t label = labels[entry.prompt];
        if (label >= 0) totals[static_cast<std::size_t>(label)] += entry.tokens;
    }
    const auto present =
        static_cast<double>(std::ranges::count_if(totals, [](double n) { return n > 0; }));
    if (present < 2) return kMissing;
    PathShares shares(groups);
    double sum = 0;
    std::uint32_t path = 0;
    for (const PathCount& entry : counts.entries) {
        if (entry.path != path) sum += shares.take_overlap(totals);
        path = entry.path;
        const std::int32_t label = labels[entry.prompt];
        if (label >= 0) shares.add(static_cast<std::size_t>(label), entry.tokens);
    }
    sum += shares.take_overlap(totals);
    return sum / (present * (present - 1) / 2);
}

}  // namespace alluvium
