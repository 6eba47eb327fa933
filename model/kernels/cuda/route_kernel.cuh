#pragma once
// Router logits to experts, weights, margins and expert counts in one launch.
//
// A warp takes a token, lane i the experts i, i + 32, ...; a row lives in shared memory, so any
// number of experts and of chosen ones goes the same way. Within a warp lanes meet at __syncwarp
// before one reads what another wrote. Counts are integers: adding them in any order gives the same
// result, so the whole is deterministic.
#include <math.h>

#include "model/kernels/cuda/route_arguments.h"
#include "model/kernels/cuda/warp.cuh"

namespace alluvium {

namespace {

struct Row {
    float* scores;     // [E] what weights are made of
    RankCode* codes;   // [E] what the choice is made by
    RankCode* groups;  // [groups]
};

__device__ float score(Scoring scoring, float logit) {
    switch (scoring) {
        case Scoring::sigmoid:
            return 1.0F / (1.0F + expf(-logit));
        case Scoring::sqrt_softplus:
            return sqrtf(fmaxf(logit, 0.0F) + log1pf(expf(-fabsf(logit))));
        default:
            return logit;
    }
}

__device__ void softmax_row(const float* logits, const Row& row, int experts, int lane) {
    float largest = -INFINITY;
    for (int e = lane; e < experts; e += warp::lanes) largest = fmaxf(largest, logits[e]);
    largest = warp::largest(largest);
    float sum = 0;
    for (int e = lane; e < experts; e += warp::lanes) {
        sum += row.scores[e] = expf(logits[e] - largest);
    }
    sum = warp::sum(sum);
    for (int e = lane; e < experts; e += warp::lanes) row.scores[e] /= sum;
}

__device__ void score_row(const float* logits, const float* bias, const RouteRule& rule,
                          const Row& row, int lane) {
    const bool scored = rule.order == SelectionOrder::score_then_top_k;
    const Scoring scoring = scored ? rule.scoring : Scoring::none;
    if (scoring == Scoring::softmax) {
        softmax_row(logits, row, rule.experts, lane);
    } else {
        for (int e = lane; e < rule.experts; e += warp::lanes) {
            row.scores[e] = score(scoring, logits[e]);
        }
    }
    for (int e = lane; e < rule.experts; e += warp::lanes) {
        row.codes[e] = rank_code(bias == nullptr ? row.scores[e] : row.scores[e] + bias[e]);
    }
    __syncwarp();
}

__device__ float group_score(const RankCode* codes, int size, const RouteRule& rule) {
    RankCode first = taken_code;
    RankCode second = taken_code;
    for (int e = 0; e < size; ++e) {
        second = max(second, min(first, codes[e]));
        first = max(first, codes[e]);
    }
    const float best = score_of(first, rule.outside);
    return rule.group_score == GroupScore::best ? best : best + score_of(second, rule.outside);
}

// Puts the experts of all but the best groups outside; returns the margin between groups.
__device__ float keep_best_groups(const RouteRule& rule, const Row& row, int lane) {
    if (rule.topk_groups == rule.groups) return INFINITY;
    const int size = rule.experts / rule.groups;
    for (int g = lane; g < rule.groups; g += warp::lanes) {
        row.groups[g] = rank_code(group_score(row.codes + g * size, size, rule));
    }
    warp::Selection groups(row.groups, rule.groups, lane);
    SelectionKey last = 0;
    for (int rank = 0; rank < rule.topk_groups; ++rank) last = groups.take();
    const float margin = score_distance(score_of(code_of(last), rule.outside),
                                        score_of(code_of(groups.peek()), rule.outside));
    __syncwarp();
    for (int e = lane; e < rule.experts; e += warp::lanes) {
        if (row.groups[e / size] != taken_code) row.codes[e] = outside_code;
    }
    return margin;
}

// Chooses k of the row; returns the margin. Lane r writes the ranks r, r + 32, ...
__device__ float choose(const RouteRule& rule, const Row& row, std::int32_t* experts,
                        float* weights, int lane) {
    warp::Selection selection(row.codes, rule.experts, lane);
    SelectionKey last = 0;
    for (int rank = 0; rank < rule.top_k; ++rank) {
        last = selection.take();
        if (rank % warp::lanes == lane) {
            experts[rank] = index_of(last);
            weights[rank] = row.scores[index_of(last)];
        }
    }
    if (rule.top_k == rule.experts) return INFINITY;
    return score_distance(score_of(code_of(last), rule.outside),
                          score_of(code_of(selection.peek()), rule.outside));
}

// The softmax over the chosen k, in place of their logits.
__device__ void softmax_chosen(float* weights, int k, int lane) {
    float largest = -INFINITY;
    for (int r = lane; r < k; r += warp::lanes) largest = fmaxf(largest, weights[r]);
    largest = warp::largest(largest);
    float sum = 0;
    for (int r = lane; r < k; r += warp::lanes) sum += weights[r] = expf(weights[r] - largest);
    sum = warp::sum(sum);
    for (int r = lane; r < k; r += warp::lanes) weights[r] /= sum;
}

// Two rounds of a softmax over the logits that lie near the chosen one; replaces the weights of
// choose(). Formula and source: RowRouter::sparsemixer in kernels/cpu.
__device__ void sparsemixer_weights(const RouteRule& rule, const Row& row,
                                    const std::int32_t* experts, float* weights, int lane) {
    const int first = __shfl_sync(warp::everyone, lane < 2 ? experts[lane] : 0, 0);
    const float mine = lane < 2 ? weights[lane] : 0.0F;
    for (int round = 0; round < 2; ++round) {
        const float best = __shfl_sync(warp::everyone, mine, round);
        float sum = 0;
        for (int e = lane; e < rule.experts; e += warp::lanes) {
            const float logit = row.scores[e];
            const bool removed = round == 1 && e == first;
            const bool far = (best - logit) / fmaxf(fabsf(logit), best) > rule.threshold;
            if (!removed && !far) sum += expf(logit - best);
        }
        sum = warp::sum(sum);
        if (lane == round) weights[round] = 1.0F / sum;
    }
}

__device__ void weigh(const RouteRule& rule, const Row& row, const std::int32_t* experts,
                      float* weights, int lane) {
    const int k = rule.top_k;
    if (rule.order == SelectionOrder::top_k_then_softmax) softmax_chosen(weights, k, lane);
    if (rule.order == SelectionOrder::top_k_then_sigmoid) {
        for (int r = lane; r < k; r += warp::lanes) weights[r] = score(Scoring::sigmoid, weights[r]);
    }
    if (rule.order == SelectionOrder::sparsemixer) {
        sparsemixer_weights(rule, row, experts, weights, lane);
    }
    float factor = rule.scale;
    if (rule.renormalise) {
        float sum = 0;
        for (int r = lane; r < k; r += warp::lanes) sum += weights[r];
        factor /= warp::sum(sum) + rule.epsilon;
    }
    for (int r = lane; r < k; r += warp::lanes) weights[r] *= factor;
}

__device__ void route_token(const RouteArrays& arrays, const RouteRule& rule, std::int64_t token,
                            const Row& row, std::int32_t* counts, int lane) {
    const int k = rule.top_k;
    std::int32_t* experts = arrays.experts + token * k;
    float* weights = arrays.weights + token * k;
    score_row(arrays.logits + token * rule.experts, arrays.choice_bias, rule, row, lane);
    const float group_margin = keep_best_groups(rule, row, lane);
    const float margin = smaller_margin(choose(rule, row, experts, weights, lane), group_margin);
    weigh(rule, row, experts, weights, lane);
    for (int r = lane; r < k; r += warp::lanes) atomicAdd(counts + experts[r], 1);
    if (lane == 0) {
        arrays.margin[token] = margin;
        if (margin == 0.0F) atomicAdd(counts + rule.experts, 1);
    }
    __syncwarp();  // the row is the next token's now
}

__global__ void __launch_bounds__(most_route_warps* warp::lanes)
    route_kernel(RouteArrays arrays, RouteRule rule, std::int64_t tokens) {
    extern __shared__ std::uint32_t shared[];
    auto* counts = reinterpret_cast<std::int32_t*>(shared);
    const int words = route_count_words(rule);
    for (int i = threadIdx.x; i < words; i += blockDim.x) counts[i] = 0;
    __syncthreads();

    const int lane = threadIdx.x % warp::lanes;
    const int warp_index = threadIdx.x / warp::lanes;
    const int warps = blockDim.x / warp::lanes;
    std::uint32_t* own = shared + words + warp_index * route_row_words(rule);
    const Row row{reinterpret_cast<float*>(own), own + rule.experts, own + 2 * rule.experts};
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * warps;
    for (std::int64_t t = static_cast<std::int64_t>(blockIdx.x) * warps + warp_index; t < tokens;
         t += stride) {
        route_token(arrays, rule, t, row, counts, lane);
    }

    __syncthreads();
    for (int i = threadIdx.x; i < words; i += blockDim.x) {
        if (gridDim.x == 1) {
            arrays.counts[i] = counts[i];
        } else if (counts[i] != 0) {
            atomicAdd(arrays.counts + i, counts[i]);
        }
    }
}

}  // namespace

}  // namespace alluvium
