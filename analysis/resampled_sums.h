#pragma once
// Sums by label of per-prompt rows under many labellings: what permutations and bootstrap samples
// cost most of their time.
//
// Labellings are taken in batches and prompts in tiles, so that a tile is read from memory once for
// a batch and the sums of a batch stay near. Rows of whole numbers whose sums a float holds exactly
// are added as floats, twice as many at a time; the results are the same.
#include <cstdint>
#include <functional>
#include <span>

#include "base/grid.h"

namespace alluvium {

class ResampledSums {
  public:
    // [prompts, E], not negative; must outlive it unless it holds whole numbers.
    explicit ResampledSums(const Grid<double>& rows);

    // Calls visit(draw, sums [groups, E]) for every row of `labels` [draws, prompts]; prompts whose
    // label is below 0 are left out.
    using Visit = std::function<void(std::size_t draw, const Grid<double>& sums)>;
    void relabelled(const Grid<std::int32_t>& labels, std::size_t groups, const Visit& visit) const;
    // The same for prompts taken `weights` [draws, prompts] times under one labelling.
    void reweighted(std::span<const std::int32_t> labels, const Grid<std::uint16_t>& weights,
                    std::size_t groups, const Visit& visit) const;

  private:
    template <typename T, typename Add>
    void run(const Grid<T>& rows, std::size_t draws, std::size_t groups, const Add& add,
             const Visit& visit) const;
    bool fits_floats(double times) const { return whole_ && most_ * times < 0x1p24; }

    const Grid<double>& rows_;
    Grid<float> floats_;  // the same, where whole_
    bool whole_ = true;   // all values are whole numbers
    double most_ = 0;     // largest sum of a column
};

}  // namespace alluvium
