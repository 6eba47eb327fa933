#include "model/kernels/cuda/module_interface.h"
#include "model/kernels/cuda/route_cuda.h"

extern "C" __attribute__((visibility("default"))) const alluvium::CudaKernels*
alluvium_cuda_kernels() {
    static constexpr alluvium::CudaKernels kernels{.route = &alluvium::route_cuda};
    return &kernels;
}
