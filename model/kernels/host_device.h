#pragma once
// Marks functions that the CPU and the GPU both run.
#ifdef __CUDACC__
#define ALLUVIUM_HOST_DEVICE __host__ __device__
#else
#define ALLUVIUM_HOST_DEVICE
#endif
