#include "analysis/divergence.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "analysis/entropy.h"
#include "analysis/estimate.h"

namespace alluvium {

double divergence(const Grid<double>& sums) {
    return LeaveOneOut(sums).value();
}

double divergence_ceiling(std::size_t experts, std::size_t top_k, std::size_t groups) {
    if (groups < 2 || top_k == 0 || experts < top_k) return kMissing;
    const double spread = std::log(static_cast<double>(experts) / static_cast<double>(top_k));
    return std::min(1.0, spread / std::log(static_cast<double>(groups)));
}

std::size_t groups_with_selections(const Grid<double>& sums) {
    std::size_t groups = 0;
    for (std::size_t g = 0; g < sums.rows(); ++g) groups += sum(sums.row(g)) > 0;
    return groups;
}

LeaveOneOut::LeaveOneOut(const Grid<double>& sums)
    : sums_(sums),
      total_(sums.rows()),
      entropy_(sums.rows(), 0.0),
      share_sum_(sums.cols(), 0.0),
      rest_(sums.cols()),
      mean_(sums.cols()) {
    for (std::size_t g = 0; g < sums.rows(); ++g) {
        total_[g] = sum(sums.row(g));
        if (!(total_[g] > 0)) continue;
        groups_ += 1;
        entropy_[g] = entropy(sums.row(g));
        entropy_sum_ += entropy_[g];
        for (std::size_t e = 0; e < sums.cols(); ++e) share_sum_[e] += sums(g, e) / total_[g];
    }
    value_ = groups_ < 2 ? kMissing : value_of(entropy(share_sum_), entropy_sum_, groups_);
}

double LeaveOneOut::value_of(double mean_entropy, double entropy_sum, double groups) const {
    return (mean_entropy - entropy_sum / groups) / std::log(groups);
}

double LeaveOneOut::without(std::size_t g, std::span<const double> removed) {
    assert(removed.size() == rest_.size());
    if (!(total_[g] > 0)) return value_;
    const auto row = sums_.row(g);
    double total = 0;
    for (std::size_t e = 0; e < rest_.size(); ++e) {
        rest_[e] = std::max(0.0, row[e] - removed[e]);
        total += rest_[e];
    }
    // Mass left over by rounding alone is nothing.
    const bool gone = total <= 1e-9 * total_[g];
    const double groups = gone ? groups_ - 1 : groups_;
    if (groups < 2) return kMissing;
    for (std::size_t e = 0; e < rest_.size(); ++e) {
        const double now = gone ? 0 : rest_[e] / total;
        mean_[e] = std::max(0.0, share_sum_[e] - row[e] / total_[g] + now);
    }
    const double own = gone ? 0 : entropy(rest_);
    return value_of(entropy(mean_), entropy_sum_ - entropy_[g] + own, groups);
}

}  // namespace alluvium
