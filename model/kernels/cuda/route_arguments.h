#pragma once
// What the router kernel works on. Knows neither torch, so that the kernel compiles in seconds, nor
// CUDA, so that tests can run the kernel's source on the CPU.
#include <cstddef>
#include <cstdint>

#include "model/kernels/host_device.h"
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
    float epsilon;  // added to the sum that renormalises
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

// The grid of one launch.
struct RouteShape {
    unsigned blocks;
    unsigned warps;  // per block
    std::size_t shared_bytes;
};

// Shared memory that every device gives without asking.
inline constexpr std::size_t plain_shared_memory = 48 * 1024;
inline constexpr int most_route_warps = 8;

// 4-byte words of shared memory: a block's counts, and what each of its warps needs for a token.
ALLUVIUM_HOST_DEVICE inline int route_count_words(const RouteRule& rule) {
    return rule.experts + 1;
}
ALLUVIUM_HOST_DEVICE inline int route_row_words(const RouteRule& rule) {
    return 2 * rule.experts + rule.groups;
}

// As many warps as share the plain memory, one at least; as many blocks as there are tokens for,
// within what keeps the device busy.
RouteShape route_shape(const RouteRule& rule, std::int64_t tokens, int multiprocessors);

}  // namespace alluvium
