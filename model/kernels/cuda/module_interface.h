#pragma once
// What the GPU module offers the program. Both are built from the same sources with the same
// compiler; the version is raised with every change, and a module of another version is refused.
#include "model/router/route.h"

namespace alluvium {

struct CudaKernels {
    static constexpr int current_version = 1;

    int version = current_version;
    // As route(), for tensors on a CUDA device, on the current stream; arguments checked already.
    // RunError where the launch fails.
    Routing (*route)(const at::Tensor& logits, const RouterSpec& spec,
                     const at::Tensor& choice_bias) = nullptr;
};

// The one symbol the program looks up.
inline constexpr char cuda_kernels_symbol[] = "alluvium_cuda_kernels";
using CudaKernelsFunction = const CudaKernels* (*)();

}  // namespace alluvium
