#pragma once
#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace alluvium {

// Prompts packed one after the other without padding. Positions start from 0 in every prompt, and a
// token sees its own prompt only.
struct TokenBatch {
    std::vector<std::int64_t> ids;     // [T]
    std::vector<std::int64_t> starts;  // [P] first row of each prompt, ascending, starts[0] == 0

    std::int64_t tokens() const { return static_cast<std::int64_t>(ids.size()); }
    std::size_t prompts() const { return starts.size(); }
    std::int64_t begin(std::size_t prompt) const { return starts[prompt]; }
    std::int64_t end(std::size_t prompt) const {
        return prompt + 1 < starts.size() ? starts[prompt + 1] : tokens();
    }
    void append(const std::vector<std::int64_t>& prompt) {
        starts.push_back(tokens());
        ids.insert(ids.end(), prompt.begin(), prompt.end());
    }
};

}  // namespace alluvium
