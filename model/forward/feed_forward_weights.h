#pragma once
#include <ATen/core/Tensor.h>

namespace alluvium {

struct LinearWeights {
    at::Tensor weight;  // [out, in]
    at::Tensor bias;    // [out] or undefined
};

struct FeedForwardWeights {
    LinearWeights gate;
    LinearWeights up;  // undefined where not gated
    LinearWeights down;
};

}  // namespace alluvium
