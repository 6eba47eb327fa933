#pragma once
// What the 32 lanes of a warp do together. Every function is called by all of them and gives all of
// them the same bits: sums are butterflies, whose additions commute.
#include "model/kernels/selection_key.h"

namespace alluvium::warp {

constexpr int lanes = 32;
constexpr unsigned everyone = 0xFFFFFFFFU;

__device__ inline float sum(float value) {
    for (int step = lanes / 2; step > 0; step /= 2) {
        value += __shfl_xor_sync(everyone, value, step);
    }
    return value;
}

// Of the values that are numbers; -inf where none is.
__device__ inline float largest(float value) {
    for (int step = lanes / 2; step > 0; step /= 2) {
        value = fmaxf(value, __shfl_xor_sync(everyone, value, step));
    }
    return value;
}

// The largest key in two 32-bit steps, each one instruction from compute capability 8.0 on.
__device__ inline SelectionKey best(SelectionKey key) {
    const RankCode code = __reduce_max_sync(everyone, code_of(key));
    const std::uint32_t index = code_of(key) == code ? static_cast<std::uint32_t>(key) : 0U;
    return (static_cast<SelectionKey>(code) << 32) | __reduce_max_sync(everyone, index);
}

// Takes the best of `codes`, a row in shared memory, one after the other. Lane i owns the entries
// i, i + 32, ...: they have to be visible to it, and nobody else writes them meanwhile.
class Selection {
  public:
    __device__ Selection(RankCode* codes, int size, int lane)
        : codes_(codes), size_(size), lane_(lane), mine_(best_of_mine()) {}

    // The best of those left; not to be called once all are taken.
    __device__ SelectionKey peek() const { return best(mine_); }

    __device__ SelectionKey take() {
        const SelectionKey taken = peek();
        if (taken == mine_) {  // keys are unique: one lane
            codes_[index_of(taken)] = taken_code;
            mine_ = best_of_mine();
        }
        return taken;
    }

  private:
    __device__ SelectionKey best_of_mine() const {
        SelectionKey found = 0;
        for (int i = lane_; i < size_; i += lanes) {
            const SelectionKey key = selection_key(codes_[i], i);
            found = key > found ? key : found;
        }
        return found;
    }

    RankCode* codes_;
    int size_;
    int lane_;
    SelectionKey mine_;
};

}  // namespace alluvium::warp
