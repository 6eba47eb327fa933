#pragma once
#include <cuda_runtime_api.h>

#include "model/kernels/cuda/route_arguments.h"

// Asynchronous on `stream`: one kernel, for more tokens than one block takes after one memset of
// the counts. cudaErrorInvalidValue where a row of experts exceeds the shared memory of the device
// (4,000 experts fit everywhere, 19,000 on an H100).
extern "C" cudaError_t alluvium_launch_route(const alluvium::RouteArrays* arrays,
                                             const alluvium::RouteRule* rule, std::int64_t tokens,
                                             cudaStream_t stream);
