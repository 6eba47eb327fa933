#pragma once
// In which order a heat map shows the experts, and what stands under its columns.
#include <cstddef>
#include <string>
#include <vector>

#include "analysis/analyze.h"

namespace alluvium {

// Neighbouring columns that belong to one group.
struct ColumnSpan {
    std::size_t first = 0, count = 0;  // columns
    std::string label;
};

struct ExpertOrder {
    std::vector<std::size_t> experts;  // column -> expert number
    std::vector<std::string> labels;   // per column
    std::vector<ColumnSpan> owners;    // left to right; empty: no owners
};

// By the group that uses the expert most in the last routed layer, groups in the given order, then
// by falling share. Columns have the checkpoint's names for its experts where there is one for
// each, else the numbers of the tensors.
ExpertOrder order_by_owner(const Analysis& analysis, const std::vector<std::size_t>& groups);

// By the checkpoint's own expert labels: labels of groups in the given order, then the others as
// they come. Falls back to order_by_owner() where there is not one label per expert.
ExpertOrder order_by_label(const Analysis& analysis, const std::vector<std::size_t>& groups);

// Numbers in the given order, no owners.
ExpertOrder order_as_given(const std::vector<std::size_t>& experts);

// In which order a person wants to see them: "owner" (order_by_label(), the default), "number",
// "load:L" by the load in layer L, "share:L:G" by group G's share there, "similarity:L" so that
// neighbours are used alike by the groups there.
struct ExpertSort {
    enum class By { owner, number, load, share, similarity };
    By by = By::owner;
    int layer = -1;
    std::string group = {};

    bool operator==(const ExpertSort&) const = default;
};
ExpertSort parse_expert_sort(const std::string& words);  // UserError
std::string to_string(const ExpertSort& sort);

// Columns in that order; empty for By::owner, and where the analysis has no such layer or group.
std::vector<std::size_t> sorted_experts(const Analysis& analysis, const ExpertSort& sort);

// The most experts of any layer.
std::size_t column_count(const Analysis& analysis);

}  // namespace alluvium
