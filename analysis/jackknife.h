#pragma once
// Bias and uncertainty of a statistic by leaving out one unit at a time (Quenouille, Tukey; strata
// after Jones 1974):
//
//   corrected = D - sum_g (n_g - 1) (mean_i D_(g,-i) - D)
//   variance  = sum_g (n_g - 1) / n_g sum_i (D_(g,-i) - mean_g)^2,   df = sum_g (n_g - 1)
//
// With one stratum this is n D - (n - 1) mean D_(-i), the form for translation groups. On planted
// routing its 95 % intervals cover the truth in 93-96 % of the cases at 12 and 24 groups, with a
// bias below 2 %; subtracting the mean of a permutation null instead turned a true 0.534 into
// 0.461.
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/estimate.h"

namespace alluvium {

struct JackknifeResult {
    double corrected = kMissing;
    double standard_error = kMissing;
    double degrees = 0;

    // corrected -+ t standard errors.
    Estimate interval(double level = 0.95) const;
    // Two-sided, of corrected == 0.
    double p_value() const;
};

// `without[i]`: the statistic without unit i, which belongs to stratum `stratum[i]`. Every stratum
// holds at least 2 units. A value that is not finite makes the result missing.
JackknifeResult jackknife(double full, std::span<const double> without,
                          std::span<const std::int32_t> stratum);

}  // namespace alluvium
