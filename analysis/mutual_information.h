#pragma once
// How much an expert says about the group that chose it.
//
//   I(group; expert) = H(sum_g w_g q_g) - sum_g w_g H(q_g),   w_g proportional to selections, nats
//   value = I - (G - 1)(E - k) / (2 N k),   nmi = value / H(w)
//
// N tokens; groups and experts that never occur are left out of G and E. The textbook correction
// (G - 1)(E - 1) / (2 N) is 2-9 times too large here because a token's k choices differ. Range of
// I: 0 .. min(H(w), log(E / k)) plus bias; chance 0 after correction; the permutation null stands
// beside it.
#include "analysis/layer_analysis.h"

namespace alluvium {

// `selections`: [G, E]; `tokens`: all groups together. Null fields are left missing. NaN for fewer
// than 2 groups with selections.
MutualInformation mutual_information(const Grid<double>& selections, std::size_t top_k,
                                     double tokens);

// I alone, as observed.
double raw_mutual_information(const Grid<double>& selections);

}  // namespace alluvium
