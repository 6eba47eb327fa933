#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"

namespace alluvium {

// One vector per prompt, and which of them count.
struct StreamRows {
    const Grid<float>& rows;               // [prompts, H]
    std::span<const std::int32_t> labels;  // [prompts], -1: does not count; its row may be NaN
    std::size_t groups = 0;

    bool counts(std::size_t prompt) const { return labels[prompt] >= 0; }
    std::size_t label(std::size_t prompt) const { return static_cast<std::size_t>(labels[prompt]); }
};

// Four sums side by side: one alone waits for itself at every term.
template <typename A, typename B>
double dot(std::span<A> a, std::span<B> b) {
    double sum[4] = {0, 0, 0, 0};
    std::size_t i = 0;
    for (; i + 4 <= a.size(); i += 4) {
        for (std::size_t lane = 0; lane < 4; ++lane) {
            sum[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
        }
    }
    for (; i < a.size(); ++i) sum[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

inline void add_to(std::span<double> sum, std::span<const float> row, double times = 1) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += times * static_cast<double>(row[i]);
}

}  // namespace alluvium
