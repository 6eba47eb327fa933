#pragma once
#include <vector>

#include <ATen/core/Tensor.h>

namespace alluvium {

// [n] How much each part [n, H] brings to the sum of all, by the L1 distance that the sum moves
// away from it when the part is taken out (arXiv 2403.00824, with a floor in the place of 0):
//   proximity_j = max(|y|_1 - |y - x_j|_1, 1e-5), contribution_j = proximity_j / sum
// Range 0..1, adding up to 1.
std::vector<double> contributions(const at::Tensor& parts);

}  // namespace alluvium
