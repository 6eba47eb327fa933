#include "model/evaluate/choice_batch.h"

#include <algorithm>

namespace alluvium {
namespace {

// The last token of a text predicts nothing, so that it need not be computed.
std::vector<std::int64_t> predicting(const TokenizedChoice& choice, std::size_t from) {
    return {choice.ids.begin() + static_cast<std::ptrdiff_t>(from), choice.ids.end() - 1};
}

}  // namespace

std::size_t shared_length(std::span<const TokenizedChoice> choices) {
    std::size_t length = choices.front().scored_from;
    for (const TokenizedChoice& choice : choices) {
        const auto differs = std::ranges::mismatch(choice.ids, choices.front().ids).in1;
        const auto common = static_cast<std::size_t>(differs - choice.ids.begin());
        length = std::min({length, common, choice.scored_from});
    }
    return length;
}

std::uint64_t ChoiceBatch::cost(std::span<const TokenizedChoice> choices) const {
    const std::size_t trunk = share_prompt_ ? shared_length(choices) : 0;
    std::uint64_t tokens = trunk;
    for (const TokenizedChoice& choice : choices) tokens += choice.ids.size() - 1 - trunk;
    return tokens;
}

void ChoiceBatch::append(std::span<const TokenizedChoice> choices) {
    if (const std::size_t trunk = share_prompt_ ? shared_length(choices) : 0; trunk > 0) {
        append_shared(choices, trunk);
        return;
    }
    for (const TokenizedChoice& choice : choices) {
        const std::int64_t begin = tokens_.tokens();
        tokens_.append(predicting(choice, 0));
        for (std::size_t t = choice.scored_from; t < choice.ids.size(); ++t) {
            predicted_.push_back({begin + static_cast<std::int64_t>(t) - 1, choice.ids[t]});
        }
    }
}

void ChoiceBatch::append_shared(std::span<const TokenizedChoice> choices, std::size_t trunk) {
    const std::int64_t begin = tokens_.tokens();
    const auto& ids = choices.front().ids;
    tokens_.append({ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(trunk)});
    for (const TokenizedChoice& choice : choices) {
        const std::vector<std::int64_t> branch = predicting(choice, trunk);
        const std::int64_t branch_begin = tokens_.tokens();
        if (!branch.empty()) tokens_.append_branch(branch);
        for (std::size_t t = choice.scored_from; t < choice.ids.size(); ++t) {
            const auto before = static_cast<std::int64_t>(t) - 1;
            const auto in_trunk = static_cast<std::int64_t>(trunk);
            const std::int64_t row =
                before < in_trunk ? begin + before : branch_begin + before - in_trunk;
            predicted_.push_back({row, choice.ids[t]});
        }
    }
}

}  // namespace alluvium
