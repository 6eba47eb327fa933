#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"

namespace alluvium {

// Prompts packed one after the other without padding. Positions start from 0 in every prompt, and a
// token sees its own prompt only.
//
// A prompt may end in several ways: the rows before its first branch are its trunk, and every
// branch continues the trunk as if it alone stood there. Branches of a prompt do not see each
// other.
struct TokenBatch {
    std::vector<std::int64_t> ids;       // [T]
    std::vector<std::int64_t> starts;    // [P] first row of each prompt, ascending, starts[0] == 0
    std::vector<std::int64_t> branches;  // first row of each branch, ascending; empty: no branches
    std::vector<std::string> languages;  // [P] labels, for what treats languages apart; or empty
    // [P] tokens of each prompt that stand before its rows and are not computed again (see
    // PromptMemory); empty: none.
    std::vector<std::int64_t> past{};

    std::int64_t tokens() const { return static_cast<std::int64_t>(ids.size()); }
    std::size_t prompts() const { return starts.size(); }
    std::int64_t begin(std::size_t prompt) const { return starts[prompt]; }
    std::int64_t end(std::size_t prompt) const {
        return prompt + 1 < starts.size() ? starts[prompt + 1] : tokens();
    }
    std::int64_t past_of(std::size_t prompt) const { return past.empty() ? 0 : past[prompt]; }
    void append(const std::vector<std::int64_t>& prompt) {
        starts.push_back(tokens());
        ids.insert(ids.end(), prompt.begin(), prompt.end());
    }
    // To the prompt appended last.
    void append_branch(const std::vector<std::int64_t>& branch) {
        branches.push_back(tokens());
        ids.insert(ids.end(), branch.begin(), branch.end());
    }
    // First rows of a prompt's branches.
    std::span<const std::int64_t> branches_of(std::size_t prompt) const {
        const auto first = std::ranges::lower_bound(branches, begin(prompt));
        return {first, std::lower_bound(first, branches.end(), end(prompt))};
    }
};

}  // namespace alluvium
