#include "captures/row_checks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace alluvium {

RowState RowChecker::check(std::span<const ExpertId> row) {
    ++row_;
    RowState state = RowState::possible;
    for (const ExpertId id : row) {
        if (id == kMissingExpert) continue;
        if (id >= last_row_.size()) return RowState::out_of_range;
        if (last_row_[id] == row_) state = RowState::duplicate;
        last_row_[id] = row_;
    }
    return state;
}

RowFaults mark_impossible_rows(Grid<ExpertId>& rows, std::uint32_t experts,
                               std::span<std::uint8_t> row_is_bad) {
    RowChecker checker(experts);
    RowFaults faults;
    for (std::size_t r = 0; r < rows.rows(); ++r) {
        const std::span<ExpertId> row = rows.row(r);
        const RowState state = checker.check(row);
        if (state == RowState::possible) continue;
        ++(state == RowState::duplicate ? faults.duplicate : faults.out_of_range);
        std::ranges::fill(row, kMissingExpert);
        if (!row_is_bad.empty()) row_is_bad[r] = 1;
    }
    return faults;
}

std::uint64_t mark_non_finite(std::span<float> values) {
    std::uint64_t count = 0;
    for (float& value : values) {
        if (std::isfinite(value)) continue;
        value = std::numeric_limits<float>::quiet_NaN();
        ++count;
    }
    return count;
}

void mark_missing_prompts(Grid<float>& rows, const PromptTable& prompts) {
    for (std::size_t p = 0; p < rows.rows(); ++p) {
        if (prompts.done[p] == 0) {
            std::ranges::fill(rows.row(p), std::numeric_limits<float>::quiet_NaN());
        }
    }
    mark_non_finite(rows.values());
}

std::vector<TokenRange> missing_ranges(const PromptTable& prompts, TokenPos token_count) {
    std::vector<std::size_t> order(prompts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t p) { return prompts.first_token[p]; });

    std::vector<TokenRange> missing;
    TokenPos covered = 0;
    const auto add = [&](TokenPos begin, TokenPos end) {
        if (begin >= end) return;
        if (!missing.empty() && missing.back().end == begin) {
            missing.back().end = end;
        } else {
            missing.push_back({begin, end});
        }
    };
    for (const std::size_t p : order) {
        if (prompts.done[p] == 0) continue;
        add(covered, prompts.first_token[p]);
        covered = std::max(covered, prompts.first_token[p] + prompts.token_count[p]);
    }
    add(covered, token_count);
    return missing;
}

}  // namespace alluvium
