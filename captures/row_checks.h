#pragma once
// What makes a row of a trace count as missing, in one place for every kind of trace.
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"
#include "base/ids.h"
#include "captures/routing_trace.h"

namespace alluvium {

// Rows whose experts cannot be what a router chose.
struct RowFaults {
    std::uint64_t out_of_range = 0;  // an id >= experts that is not kMissingExpert
    std::uint64_t duplicate = 0;     // the same expert twice

    std::uint64_t total() const { return out_of_range + duplicate; }
    bool operator==(const RowFaults&) const = default;
};

enum class RowState { possible, out_of_range, duplicate };

// Judges one row after the other in one pass over its slots, whatever their number.
class RowChecker {
  public:
    explicit RowChecker(std::uint32_t experts) : last_row_(experts, 0) {}
    // A row that is both is out of range. Missing slots are possible.
    RowState check(std::span<const ExpertId> row);

  private:
    std::vector<std::uint64_t> last_row_;  // by expert: the last row, from 1, that chose it
    std::uint64_t row_ = 0;
};

// Sets every slot of an impossible row to kMissingExpert. A row counts once, out of range first.
// `row_is_bad`, when not empty, has one byte per row and receives 1 for every such row.
RowFaults mark_impossible_rows(Grid<ExpertId>& rows, std::uint32_t experts,
                               std::span<std::uint8_t> row_is_bad = {});

// Turns every infinity into NaN and returns how many values were not finite.
std::uint64_t mark_non_finite(std::span<float> values);

// NaN for every prompt that is not done, and for what is not finite. [prompts, ...]
void mark_missing_prompts(Grid<float>& rows, const PromptTable& prompts);

// The rows of prompts that are not done and the rows that belong to no prompt: ascending, disjoint.
std::vector<TokenRange> missing_ranges(const PromptTable& prompts, TokenPos token_count);

// Calls `visit(first, last)` for every part of `range` that lies in `missing`, with rows counted
// from the start of `range`.
template <typename Visit>
void for_each_missing(std::span<const TokenRange> missing, TokenRange range, Visit visit) {
    for (const TokenRange& gap : missing) {
        if (gap.end <= range.begin) continue;
        if (gap.begin >= range.end) break;
        const TokenPos first = gap.begin > range.begin ? gap.begin : range.begin;
        const TokenPos last = gap.end < range.end ? gap.end : range.end;
        visit(first - range.begin, last - range.begin);
    }
}

// Overwrites the missing rows of a block that starts at range.begin.
template <typename T>
void blank_missing(Grid<T>& block, std::span<const TokenRange> missing, TokenRange range, T blank) {
    for_each_missing(missing, range, [&](TokenPos first, TokenPos last) {
        for (TokenPos row = first; row < last; ++row) {
            for (T& value : block.row(row)) value = blank;
        }
    });
}

}  // namespace alluvium
