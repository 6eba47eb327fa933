#pragma once
#include <string>
#include <vector>

#include "model/kernels/cuda_module.h"

namespace alluvium {

struct DriverReport {
    std::vector<CudaDevice> devices;
    std::string reason;  // where there are none: why
};

// Asks the NVIDIA driver itself: takes milliseconds and needs no CUDA library.
DriverReport ask_driver();

}  // namespace alluvium
