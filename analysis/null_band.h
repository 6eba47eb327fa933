#pragma once
// What divergence looks like where labels do not matter.
#include <span>
#include <vector>

#include "analysis/estimate.h"
#include "base/grid.h"

namespace alluvium {

struct NullBand {
    double mean = kMissing;
    double p95 = kMissing;   // of this layer alone
    double band = kMissing;  // upper edge of a band that holds all layers at once in 95 % of draws
};

// `draws`: a statistic under permuted labels, [draws, layers]. The band is mean + c sd per layer,
// where c is the 95th percentile of the draws' largest value over the layers, each studentised by
// the other draws: with a band per layer, one of 48 would leave it by chance most of the time
// (Westfall and Young 1993).
// Another `level` than 0.95 holds all layers at once in that share of draws.
std::vector<NullBand> null_bands(const Grid<double>& draws, double level = 0.95);

// The ceil(p (n + 1))-th smallest value, or the largest: a p that the draws cannot resolve is met
// on the safe side. NaN for no values.
double upper_quantile(std::vector<double> values, double p);
// Its mirror image, for small p.
double lower_quantile(std::vector<double> values, double p);

}  // namespace alluvium
