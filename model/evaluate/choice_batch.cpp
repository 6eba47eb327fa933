#include "model/evaluate/choice_batch.h"

namespace alluvium {
namespace {

// The last token of a text predicts nothing, so that it need not be computed.
std::vector<std::int64_t> predicting(const TokenizedChoice& choice) {
    return {choice.ids.begin(), choice.ids.end() - 1};
}

}  // namespace

std::uint64_t ChoiceBatch::cost(std::span<const TokenizedChoice> choices) {
    std::uint64_t tokens = 0;
    for (const TokenizedChoice& choice : choices) tokens += choice.ids.size() - 1;
    return tokens;
}

void ChoiceBatch::append(std::span<const TokenizedChoice> choices) {
    for (const TokenizedChoice& choice : choices) {
        const std::int64_t begin = tokens_.tokens();
        tokens_.append(predicting(choice));
        for (std::size_t t = choice.scored_from; t < choice.ids.size(); ++t) {
            predicted_.push_back({begin + static_cast<std::int64_t>(t) - 1, choice.ids[t]});
        }
    }
}

}  // namespace alluvium
