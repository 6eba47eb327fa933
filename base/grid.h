#pragma once
#include <cassert>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace alluvium {

// An owning row-major two-dimensional array.
template <typename T>
class Grid {
  public:
    Grid() = default;
    Grid(std::size_t rows, std::size_t cols, T value = T{})
        : rows_(rows), cols_(cols), data_(rows * cols, value) {}
    Grid(std::size_t rows, std::size_t cols, std::vector<T> data)
        : rows_(rows), cols_(cols), data_(std::move(data)) {
        assert(data_.size() == rows_ * cols_);
    }

    std::size_t rows() const { return rows_; }
    std::size_t cols() const { return cols_; }
    bool empty() const { return data_.empty(); }

    T& operator()(std::size_t row, std::size_t col) { return data_[row * cols_ + col]; }
    const T& operator()(std::size_t row, std::size_t col) const { return data_[row * cols_ + col]; }

    std::span<T> row(std::size_t r) { return {data_.data() + r * cols_, cols_}; }
    std::span<const T> row(std::size_t r) const { return {data_.data() + r * cols_, cols_}; }
    std::span<T> values() { return data_; }
    std::span<const T> values() const { return data_; }

    bool operator==(const Grid&) const = default;

  private:
    std::size_t rows_ = 0;
    std::size_t cols_ = 0;
    std::vector<T> data_;
};

}  // namespace alluvium
