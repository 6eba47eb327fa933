#pragma once
#include <cuda_runtime_api.h>

#include "model/kernels/cuda/route_arguments.h"

// Asynchronous on `stream`: one kernel, for more tokens than one block takes after one memset of
// the counts. cudaErrorInvalidValue where a row of experts exceeds the shared memory of the device
// (at 48 KiB, which every device has, about 3,000 experts in as many groups; 4,000 in one).
extern "C" cudaError_t alluvium_launch_route(const alluvium::RouteArrays* arrays,
                                             const alluvium::RouteRule* rule, std::int64_t tokens,
                                             cudaStream_t stream);
