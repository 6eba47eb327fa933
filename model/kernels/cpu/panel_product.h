#pragma once
// One panel of W against any number of rows of x: what the tiled products are made of.
#include <algorithm>
#include <atomic>
#include <memory>
#include <span>

#include <ATen/Parallel.h>

#include "model/kernels/cpu/tile_kernel.h"

namespace alluvium {

// Rows of x are taken this many at a time, so that their partial sums stay in the second-level
// cache.
inline constexpr std::int64_t kRowBlock = 512;

// A thread's own memory: a packed panel and the sums of a block of rows.
class PanelScratch {
  public:
    std::byte* panel() { return panel_.get(); }
    float* sums() { return sums_.get(); }
    static PanelScratch& of_this_thread(const TileKernel& kernel);

  private:
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };
    std::unique_ptr<std::byte, Free> panel_;
    std::unique_ptr<float, Free> sums_;
    std::int64_t panel_bytes_ = 0;
};

struct Panel {
    std::array<const std::byte*, kPanel> rows{};  // of W; null: zeros
    std::int64_t k = 0;
    std::int64_t element_bytes = 0;
    // Where the panel that this thread multiplies next lies.
    std::array<PrefetchRange, 2> next{};
};

// The part of the next panel that call `i` of `calls` fetches.
PrefetchRange prefetch_part(const std::array<PrefetchRange, 2>& next, std::int64_t i,
                            std::int64_t calls);

// Calls finish(row, sums [kPanel]) for every row of x, ascending. `x`: pointers to k elements of
// kernel.x_type, at most kRowBlock.
template <typename Finish>
void multiply_panel(const TileKernel& kernel, std::span<const std::byte* const> x,
                    const Panel& panel, Finish&& finish) {
    PanelScratch& scratch = PanelScratch::of_this_thread(kernel);
    const auto count = static_cast<std::int64_t>(x.size());
    const auto x_bytes = static_cast<std::int64_t>(c10::elementSize(kernel.x_type));
    const std::int64_t calls =
        ((count + kernel.rows - 1) / kernel.rows) * ((panel.k + kernel.max_k - 1) / kernel.max_k);
    std::int64_t call = 0;
    for (std::int64_t begin = 0; begin < panel.k; begin += kernel.max_k) {
        const std::int64_t k = std::min(kernel.max_k, panel.k - begin);
        std::array<const std::byte*, kPanel> rows = panel.rows;
        for (const std::byte*& row : rows) {
            if (row != nullptr) row += begin * panel.element_bytes;
        }
        kernel.pack(rows, k, scratch.panel());
        for (std::int64_t first = 0; first < count; first += kernel.rows) {
            const std::int64_t n = std::min(kernel.rows, count - first);
            std::array<const std::byte*, 8> at{};
            for (std::int64_t i = 0; i < n; ++i) at[i] = x[first + i] + begin * x_bytes;
            float* sums = scratch.sums() + first * kPanel;
            kernel.multiply({.x = {at.data(), static_cast<std::size_t>(n)},
                             .panel = scratch.panel(),
                             .k = k,
                             .accumulate = begin > 0,
                             .prefetch = prefetch_part(panel.next, call++, calls)},
                            sums);
            if (begin + k < panel.k) continue;
            for (std::int64_t i = 0; i < n; ++i) finish(first + i, sums + i * kPanel);
        }
    }
}

// A thread gets at least this much to do: about 20 microseconds, the price of waking it.
inline constexpr std::int64_t kMultiplyAddsPerThread = 2'000'000;

// Runs task(i, next) for every i in [0, count) on as many threads as `multiply_adds`, the work of
// all tasks, is worth. `next` is the task that the same thread runs afterwards, or count. Which
// thread runs a task must not matter to its result.
template <typename Task>
void run_tasks(std::int64_t count, std::int64_t multiply_adds, Task&& task) {
    std::atomic<std::int64_t> counter{0};
    const std::int64_t worth = 1 + multiply_adds / kMultiplyAddsPerThread;
    const std::int64_t workers =
        std::min({count, worth, static_cast<std::int64_t>(at::get_num_threads())});
    at::parallel_for(0, workers, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t worker = begin; worker < end; ++worker) {
            std::int64_t i = counter++;
            while (i < count) {
                const std::int64_t next = std::min<std::int64_t>(counter++, count);
                task(i, next);
                i = next;
            }
        }
    });
}

}  // namespace alluvium
