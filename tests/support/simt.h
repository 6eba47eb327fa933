#pragma once
// Runs the source of a CUDA kernel on the CPU, lane by lane, so that its logic is tested where
// there is no GPU. Every thread of a block is a fibre; between two points where lanes have to meet,
// fibres run in an order drawn at random, so that a missing __syncwarp changes results. What it
// cannot show: memory ordering, timing and the accuracy of the GPU's own mathematics.
//
// Include it in one source file, then the kernel's .cuh, and call simt::launch().
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

#include <ucontext.h>

#define __device__
#define __global__
#define __shared__
#define __launch_bounds__(threads)

namespace simt {

struct Index {
    unsigned x = 0;
};

inline constexpr unsigned warp_size = 32;

// One block's threads at a time.
class Block {
  public:
    Block(unsigned threads, std::mt19937& order) : fibres_(threads), order_(order) {}

    void run(const std::function<void()>& body);

    unsigned current() const { return current_; }

    void meet_warp() { meet(&Fibre::warp_meetings, current_ / warp_size * warp_size, warp_size); }
    void meet_block() { meet(&Fibre::block_meetings, 0, static_cast<unsigned>(fibres_.size())); }

    // Every lane of the current warp gives a word and sees those of all.
    std::vector<std::uint32_t> exchange(std::uint32_t word) {
        const unsigned first = current_ / warp_size * warp_size;
        fibres_[current_].word = word;
        meet_warp();
        std::vector<std::uint32_t> words;
        for (unsigned lane = 0; lane < warp_size; ++lane)
            words.push_back(fibres_[first + lane].word);
        meet_warp();  // nobody gives the next word before all have read this one
        return words;
    }

  private:
    struct Fibre {
        ucontext_t context{};
        std::vector<char> stack = std::vector<char>(64 * 1024);
        std::uint64_t warp_meetings = 0;
        std::uint64_t block_meetings = 0;
        std::uint32_t word = 0;
        bool finished = false;
    };

    // Waits until the `count` threads from `first` on have come here as often as the current one.
    void meet(std::uint64_t Fibre::*meetings, unsigned first, unsigned count) {
        const std::uint64_t mine = ++(fibres_[current_].*meetings);
        const auto all_here = [&] {
            return std::all_of(&fibres_[first], &fibres_[first] + count,
                               [&](const Fibre& f) { return f.*meetings >= mine; });
        };
        while (!all_here()) yield();
    }

    static constexpr unsigned most_rounds = 64;

    static void enter();
    void run_lanes_of(unsigned warp);
    void yield() { ::swapcontext(&fibres_[current_].context, &scheduler_); }

    std::vector<Fibre> fibres_;
    std::mt19937& order_;
    ucontext_t scheduler_{};
    std::function<void()> body_;
    unsigned current_ = 0;
};

inline Block* block = nullptr;

inline void Block::run_lanes_of(unsigned warp) {
    std::array<unsigned, warp_size> turn;
    std::iota(turn.begin(), turn.end(), warp * warp_size);
    std::shuffle(turn.begin(), turn.end(), order_);
    for (const unsigned thread : turn) {
        if (fibres_[thread].finished) continue;
        current_ = thread;
        ::swapcontext(&scheduler_, &fibres_[thread].context);
    }
}

inline void Block::enter() {
    block->body_();
    block->fibres_[block->current_].finished = true;
    block->yield();
}

inline void Block::run(const std::function<void()>& body) {
    body_ = body;
    block = this;
    for (Fibre& fibre : fibres_) {
        ::getcontext(&fibre.context);
        fibre.context.uc_stack.ss_sp = fibre.stack.data();
        fibre.context.uc_stack.ss_size = fibre.stack.size();
        ::makecontext(&fibre.context, &Block::enter, 0);
    }
    const auto warps = static_cast<unsigned>(fibres_.size()) / warp_size;
    while (!std::ranges::all_of(fibres_, &Fibre::finished)) {
        // A warp runs on its own for a while: the others may be far behind it.
        const unsigned warp = order_() % warps;
        for (unsigned rounds = order_() % most_rounds; rounds > 0; --rounds) run_lanes_of(warp);
    }
    block = nullptr;
}

inline Index grid_dim;
inline Index block_dim;
inline Index block_idx;

// What stands in for threadIdx: the fibre that runs.
struct CurrentThread {
    struct X {
        operator unsigned() const { return block->current(); }
    } x;
};

// Runs `kernel` for `blocks` of `threads` each, one block after the other.
inline void launch(unsigned blocks, unsigned threads, unsigned seed,
                   const std::function<void()>& kernel) {
    std::mt19937 order(seed);
    grid_dim.x = blocks;
    block_dim.x = threads;
    for (block_idx.x = 0; block_idx.x < blocks; ++block_idx.x) Block(threads, order).run(kernel);
}

template <typename T>
T from_word(std::uint32_t word) {
    T value;
    static_assert(sizeof value == sizeof word);
    std::memcpy(&value, &word, sizeof value);
    return value;
}

template <typename T>
std::uint32_t to_word(T value) {
    std::uint32_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    return word;
}

}  // namespace simt

inline const simt::CurrentThread threadIdx;
inline simt::Index& blockIdx = simt::block_idx;
inline simt::Index& blockDim = simt::block_dim;
inline simt::Index& gridDim = simt::grid_dim;

inline void __syncthreads() {
    simt::block->meet_block();
}
inline void __syncwarp() {
    simt::block->meet_warp();
}

template <typename T>
T __shfl_sync(unsigned, T value, int lane) {
    return simt::from_word<T>(simt::block->exchange(simt::to_word(value))[lane]);
}

template <typename T>
T __shfl_xor_sync(unsigned, T value, int mask) {
    const unsigned lane = simt::block->current() % simt::warp_size;
    return simt::from_word<T>(simt::block->exchange(simt::to_word(value))[lane ^ mask]);
}

inline std::uint32_t __reduce_max_sync(unsigned, std::uint32_t value) {
    return std::ranges::max(simt::block->exchange(value));
}

template <typename T>
T atomicAdd(T* address, T value) {
    const T old = *address;
    *address += value;
    return old;
}

// CUDA has these for integers without a namespace.
inline std::uint32_t max(std::uint32_t a, std::uint32_t b) {
    return a > b ? a : b;
}
inline std::uint32_t min(std::uint32_t a, std::uint32_t b) {
    return a < b ? a : b;
}
