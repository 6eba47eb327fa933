#pragma once
#include "model/kernels/cuda/module_interface.h"

namespace alluvium {

// The loaded GPU module's kernels. RunError with the reason where it is not loaded.
const CudaKernels& cuda_kernels();

}  // namespace alluvium
