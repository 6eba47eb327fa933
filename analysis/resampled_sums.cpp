#include "analysis/resampled_sums.h"

#include <algorithm>
#include <vector>

#include "analysis/wide.h"

namespace alluvium {
namespace {

// 64 rows of 128 floats and the sums of 24 draws of 12 groups fit a second-level cache.
constexpr std::size_t kTile = 64;
constexpr std::size_t kBatch = 24;

// Rows [0, count) added to the sums of their labels, `times` each (nullptr: once).
template <typename T>
struct Tile {
    const T* rows;
    std::size_t width;
    const std::int32_t* labels;
    const std::uint16_t* times;
    std::size_t count;
};

template <typename T>
[[gnu::always_inline]] inline void add_rows(const Tile<T>& tile, T* sums) {
    for (std::size_t p = 0; p < tile.count; ++p) {
        if (tile.labels[p] < 0 || (tile.times != nullptr && tile.times[p] == 0)) continue;
        const T times = tile.times == nullptr ? T{1} : static_cast<T>(tile.times[p]);
        const T* from = tile.rows + p * tile.width;
        T* to = sums + static_cast<std::size_t>(tile.labels[p]) * tile.width;
        for (std::size_t e = 0; e < tile.width; ++e) to[e] += times * from[e];
    }
}

ALLUVIUM_WIDE void add_tile(const Tile<float>& tile, float* sums) {
    add_rows(tile, sums);
}
ALLUVIUM_WIDE void add_tile(const Tile<double>& tile, double* sums) {
    add_rows(tile, sums);
}

// Whether every value is a whole number below 2^24, which are then in `floats`.
bool to_floats(std::span<const double> values, std::span<float> floats) {
    bool whole = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto number = static_cast<std::int32_t>(std::min(values[i], 0x1p24));
        whole = whole && static_cast<double>(number) == values[i];
        floats[i] = static_cast<float>(number);
    }
    return whole;
}

}  // namespace

ResampledSums::ResampledSums(const Grid<double>& rows)
    : rows_(rows), floats_(rows.rows(), rows.cols()) {
    std::vector<double> columns(rows.cols(), 0.0);
    for (std::size_t p = 0; p < rows.rows() && whole_; ++p) {
        const auto row = rows.row(p);
        whole_ = to_floats(row, floats_.row(p));
        for (std::size_t e = 0; e < row.size(); ++e) columns[e] += row[e];
    }
    for (const double sum : columns) most_ = std::max(most_, sum);
}

template <typename T, typename Add>
void ResampledSums::run(const Grid<T>& rows, std::size_t draws, std::size_t groups, const Add& add,
                        const Visit& visit) const {
    const std::size_t size = groups * rows.cols();
    std::vector<T> sums;
    Grid<double> result(groups, rows.cols());
    for (std::size_t first = 0; first < draws; first += kBatch) {
        const std::size_t batch = std::min(kBatch, draws - first);
        sums.assign(batch * size, T{});
        for (std::size_t p = 0; p < rows.rows(); p += kTile) {
            const std::size_t count = std::min(kTile, rows.rows() - p);
            for (std::size_t b = 0; b < batch; ++b) {
                add(first + b, p, count, rows.values().data() + p * rows.cols(),
                    sums.data() + b * size);
            }
        }
        for (std::size_t b = 0; b < batch; ++b) {
            const T* from = sums.data() + b * size;
            std::copy(from, from + size, result.values().begin());
            visit(first + b, result);
        }
    }
}

void ResampledSums::relabelled(const Grid<std::int32_t>& labels, std::size_t groups,
                               const Visit& visit) const {
    const std::size_t width = rows_.cols();
    const auto add = [&]<typename T>(std::size_t draw, std::size_t p, std::size_t count,
                                     const T* rows, T* sums) {
        add_tile(Tile<T>{rows, width, labels.row(draw).data() + p, nullptr, count}, sums);
    };
    if (fits_floats(1)) {
        run(floats_, labels.rows(), groups, add, visit);
    } else {
        run(rows_, labels.rows(), groups, add, visit);
    }
}

void ResampledSums::reweighted(std::span<const std::int32_t> labels,
                               const Grid<std::uint16_t>& weights, std::size_t groups,
                               const Visit& visit) const {
    const std::size_t width = rows_.cols();
    const auto add = [&]<typename T>(std::size_t draw, std::size_t p, std::size_t count,
                                     const T* rows, T* sums) {
        add_tile(Tile<T>{rows, width, labels.data() + p, weights.row(draw).data() + p, count},
                 sums);
    };
    std::uint16_t most = 1;
    for (const std::uint16_t w : weights.values()) most = std::max(most, w);
    if (fits_floats(most)) {
        run(floats_, weights.rows(), groups, add, visit);
    } else {
        run(rows_, weights.rows(), groups, add, visit);
    }
}

}  // namespace alluvium
