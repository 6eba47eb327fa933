#include "model/flow/contributions.h"

#include <ATen/ATen.h>

namespace alluvium {

std::vector<double> contributions(const at::Tensor& parts) {
    constexpr double kFloor = 1e-5;
    const at::Tensor wide = parts.to(at::kCPU, at::kDouble);
    const at::Tensor sum = wide.sum(0);
    const at::Tensor moved = (sum.unsqueeze(0) - wide).abs().sum(1);
    const at::Tensor proximity = (sum.abs().sum() - moved).clamp_min(kFloor);
    const at::Tensor shares = (proximity / proximity.sum()).contiguous();
    const auto* value = shares.const_data_ptr<double>();
    return {value, value + shares.numel()};
}

}  // namespace alluvium
