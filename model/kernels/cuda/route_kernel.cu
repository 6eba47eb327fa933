#include "model/kernels/cuda/route_kernel.cuh"
#include "model/kernels/cuda/route_launch.h"

namespace alluvium {

namespace {

cudaError_t launch(const RouteArrays& arrays, const RouteRule& rule, std::int64_t tokens,
                   cudaStream_t stream) {
    int device = 0;
    int multiprocessors = 0;
    cudaError_t error = cudaGetDevice(&device);
    if (error != cudaSuccess) return error;
    error = cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
    if (error != cudaSuccess) return error;

    const RouteShape shape = route_shape(rule, tokens, multiprocessors);
    if (shape.blocks != 1) {  // a single block stores its counts, several add theirs up
        error = cudaMemsetAsync(arrays.counts, 0, route_count_words(rule) * sizeof(std::int32_t),
                                stream);
        if (error != cudaSuccess || tokens == 0) return error;
    }
    if (shape.shared_bytes > plain_shared_memory) {
        error = cudaFuncSetAttribute(route_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                     static_cast<int>(shape.shared_bytes));
        if (error != cudaSuccess) return error;
    }
    route_kernel<<<shape.blocks, shape.warps * warp::lanes, shape.shared_bytes, stream>>>(
        arrays, rule, tokens);
    return cudaGetLastError();
}

}  // namespace

}  // namespace alluvium

extern "C" cudaError_t alluvium_launch_route(const alluvium::RouteArrays* arrays,
                                             const alluvium::RouteRule* rule, std::int64_t tokens,
                                             cudaStream_t stream) {
    const cudaError_t error = alluvium::launch(*arrays, *rule, tokens, stream);
    // Told to the caller; the runtime would tell the next one who asks, too.
    if (error != cudaSuccess) cudaGetLastError();
    return error;
}
