#pragma once
#include <c10/core/Device.h>

#include "model/kernels/cuda_module.h"
#include "tests/support/torch_test.h"

namespace alluvium::test {

// The first GPU. Where none can be used the test is skipped, and says why.
inline at::Device gpu_or_skip() {
    const CudaStatus& status = cuda_status();
    if (!status.loaded) SKIP("needs a GPU: " + status.reason);
    return {at::kCUDA, 0};
}

}  // namespace alluvium::test
