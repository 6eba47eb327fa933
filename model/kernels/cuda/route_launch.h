#pragma once
// What the router kernel is called with. Knows CUDA and nothing of torch, so that the kernel
// compiles in seconds.
#include <cstdint>

#include <cuda_runtime_api.h>

#include "model/router/selection_rules.h"

namespace alluvium {

// The rule as in RouterSpec, in the kernel's own precision.
struct RouteRule {
    int experts;
    int top_k;
    Scoring scoring;
    SelectionOrder order;
    int groups;
    int topk_groups;
    GroupScore group_score;
    bool renormalise;
    float scale;
    float threshold;  // sparsemixer: twice the jitter
    float outside;    // outside_score()
};

// T tokens, E experts, k chosen. Device pointers, each to a dense array of its own.
struct RouteArrays {
    const float* logits;       // [T, E]
    const float* choice_bias;  // [E], null where the rule has none
    std::int32_t* experts;     // [T, k]
    float* weights;            // [T, k]
    float* margin;             // [T]
    std::int32_t* counts;      // [E + 1] tokens per expert, then the number of ties
};

}  // namespace alluvium

// Asynchronous on `stream`: one kernel, for more tokens than one block takes after one memset of
// the counts. cudaErrorInvalidValue where a row of experts exceeds the shared memory of the device
// (at 48 KiB, which every device has, about 3,000 experts in as many groups; 4,000 in one).
extern "C" cudaError_t alluvium_launch_route(const alluvium::RouteArrays* arrays,
                                             const alluvium::RouteRule* rule, std::int64_t tokens,
                                             cudaStream_t stream);
