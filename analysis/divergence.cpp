#include "analysis/divergence.h"

#include <algorithm>
#include <array>
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
    : sums_(sums), total_(sums.rows()), entropy_(sums.rows(), 0.0), share_sum_(sums.cols(), 0.0) {
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

double LeaveOneOut::without(std::size_t g, std::span<const double> removed) const {
    assert(removed.size() == sums_.cols());
    if (!(total_[g] > 0)) return value_;
    const auto row = sums_.row(g);
    const double total = total_[g] - sum(removed);
    // Mass left over by rounding alone is nothing.
    const bool gone = total <= 1e-9 * total_[g];
    const double groups = gone ? groups_ - 1 : groups_;
    if (groups < 2) return kMissing;
    const double scale = gone ? 0 : 1 / total;
    const double old_scale = 1 / total_[g];
    double own = 0, mixed = 0;
    std::array<double, 128> rest, mean;  // in pieces, so that logarithms are taken many at a time
    for (std::size_t first = 0; first < row.size(); first += rest.size()) {
        const std::size_t count = std::min(rest.size(), row.size() - first);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t e = first + i;
            rest[i] = std::max(0.0, row[e] - removed[e]);
            mean[i] = share_sum_[e] - row[e] * old_scale + rest[i] * scale;
        }
        own += sum_x_log_x(std::span(rest).first(count));
        mixed += sum_x_log_x(std::span(mean).first(count));
    }
    const double own_entropy = gone ? 0 : std::log(total) - own * scale;
    const double mean_entropy = std::log(groups) - mixed / groups;
    return value_of(mean_entropy, entropy_sum_ - entropy_[g] + own_entropy, groups);
}

}  // namespace alluvium
