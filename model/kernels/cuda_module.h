#pragma once
// The GPU module: found, loaded and explained. Free of torch, so that `doctor` can say what it
// says.
#include <cstdint>
#include <string>
#include <vector>

namespace alluvium {

struct CudaDevice {
    std::string name;
    std::uint64_t memory = 0;  // bytes
    int major = 0;             // compute capability
    int minor = 0;
};

struct CudaStatus {
    bool module_found = false;
    bool loaded = false;              // tensors can live on "cuda"
    std::string reason;               // where not loaded: why, in one sentence
    std::vector<CudaDevice> devices;  // as the driver counts them, whether loaded or not
};

// The first call looks for a GPU and loads the module where there is one; libtorch looks for its
// CUDA part only once, so call this before the first tensor is made. Thread-safe.
const CudaStatus& cuda_status();

// RunError with the reason where the module is not loaded.
void require_cuda();

}  // namespace alluvium
