#pragma once
#include <cstdint>
#include <vector>

#include "model/forward/token_batch.h"

namespace alluvium {

// What the rows of one prompt are to each other. L rows.
struct RowOrder {
    std::vector<std::int64_t> position;  // [L] from its past; a branch counts on from the trunk
    std::vector<std::int64_t> branch;    // [L] 0: trunk, then the branches from 1
    std::int64_t reach = 0;              // the largest position, plus 1
};

RowOrder row_order(const TokenBatch& batch, std::size_t prompt);

}  // namespace alluvium
