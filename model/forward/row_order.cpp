#include "model/forward/row_order.h"

#include <algorithm>

namespace alluvium {

RowOrder row_order(const TokenBatch& batch, std::size_t prompt) {
    const std::span<const std::int64_t> branches = batch.branches_of(prompt);
    const std::int64_t begin = batch.begin(prompt);
    const std::int64_t past = batch.past_of(prompt);
    RowOrder order;
    std::size_t next = 0;      // branch
    std::int64_t skipped = 0;  // rows of earlier branches, which do not count for this one
    for (std::int64_t row = begin; row < batch.end(prompt); ++row) {
        if (next < branches.size() && row == branches[next]) {
            skipped = row - branches.front();
            ++next;
        }
        order.position.push_back(past + row - begin - skipped);
        order.branch.push_back(static_cast<std::int64_t>(next));
        order.reach = std::max(order.reach, order.position.back() + 1);
    }
    return order;
}

}  // namespace alluvium
