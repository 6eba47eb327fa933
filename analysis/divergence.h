#pragma once
// How far the groups' shares lie apart at one layer.
//
//   D = [H(mean_g q_g) - mean_g H(q_g)] / log G
//
// the generalised Jensen-Shannon divergence with equal group weights (Lin 1991). Range 0..1; for
// groups that route alike 0 plus the bias of finite samples (analysis/jackknife.h takes it out, the
// label permutations of analysis/null_band.h show its size). A token cannot choose one expert
// twice, so D cannot exceed its ceiling.
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"

namespace alluvium {

// D of summed selections or weights, [G, E]. Groups with nothing are left out of the mean and of G.
// NaN for fewer than 2 groups.
double divergence(const Grid<double>& sums);

// min(1, log(E / k) / log G): reached where each group keeps k experts of its own. The same is used
// under mass weighting, where unequal weights can exceed it. NaN for fewer than 2 groups.
double divergence_ceiling(std::size_t experts, std::size_t top_k, std::size_t groups);

// Groups with at least one selection.
std::size_t groups_with_selections(const Grid<double>& sums);

// D with one contribution taken out, at the price of two entropies instead of G + 1.
class LeaveOneOut {
  public:
    explicit LeaveOneOut(const Grid<double>& sums);

    double value() const { return value_; }
    // D without `removed` [E] in group `g`; where nothing of the group remains, D of the others.
    double without(std::size_t g, std::span<const double> removed) const;

  private:
    double value_of(double mean_entropy, double entropy_sum, double groups) const;

    const Grid<double>& sums_;
    std::vector<double> total_;      // [G]
    std::vector<double> entropy_;    // [G]
    std::vector<double> share_sum_;  // [E] sum of the groups' shares
    double entropy_sum_ = 0;
    double groups_ = 0;
    double value_ = 0;
};

}  // namespace alluvium
