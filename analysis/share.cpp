#include "analysis/share.h"

#include <cassert>
#include <cmath>

#include "analysis/entropy.h"
#include "analysis/estimate.h"

namespace alluvium {

Grid<double> shares(const Grid<double>& sums) {
    Grid<double> result(sums.rows(), sums.cols(), kMissing);
    for (std::size_t g = 0; g < sums.rows(); ++g) {
        const double total = sum(sums.row(g));
        if (!(total > 0)) continue;
        for (std::size_t e = 0; e < sums.cols(); ++e) result(g, e) = sums(g, e) / total;
    }
    return result;
}

Grid<double> token_ratios(const Grid<double>& selections, std::span<const std::uint64_t> tokens) {
    assert(tokens.size() == selections.rows());
    Grid<double> result(selections.rows(), selections.cols(), kMissing);
    for (std::size_t g = 0; g < selections.rows(); ++g) {
        if (tokens[g] == 0) continue;
        const auto n = static_cast<double>(tokens[g]);
        for (std::size_t e = 0; e < selections.cols(); ++e) result(g, e) = selections(g, e) / n;
    }
    return result;
}

std::vector<double> mean_share(const Grid<double>& shares) {
    std::vector<double> mean(shares.cols(), 0.0);
    double groups = 0;
    for (std::size_t g = 0; g < shares.rows(); ++g) {
        if (shares.cols() == 0 || std::isnan(shares(g, 0))) continue;
        groups += 1;
        for (std::size_t e = 0; e < shares.cols(); ++e) mean[e] += shares(g, e);
    }
    for (double& value : mean) value = groups > 0 ? value / groups : kMissing;
    return mean;
}

Grid<double> sum_by_label(const Grid<double>& rows, std::span<const std::int32_t> labels,
                          std::size_t groups) {
    assert(labels.size() == rows.rows());
    Grid<double> sums(groups, rows.cols(), 0.0);
    for (std::size_t p = 0; p < rows.rows(); ++p) {
        if (labels[p] < 0) continue;
        const auto from = rows.row(p);
        const auto to = sums.row(static_cast<std::size_t>(labels[p]));
        for (std::size_t e = 0; e < from.size(); ++e) to[e] += from[e];
    }
    return sums;
}

}  // namespace alluvium
