#include "analysis/expert_tokens.h"

#include <algorithm>
#include <unordered_map>

#include "analysis/search/text_context.h"
#include "captures/generated_text.h"

namespace alluvium {
namespace {

struct Word {
    std::uint32_t id = 0;
    TokenPos first = 0;  // its first row
    std::uint64_t tokens = 0;
    std::vector<std::uint32_t> chosen;  // [E]
};

class Vocabulary {
  public:
    explicit Vocabulary(std::size_t experts) : experts_(experts), selections_(experts, 0) {}

    void add(std::uint32_t id, TokenPos row, std::span<const ExpertId> chosen) {
        if (chosen.front() == kMissingExpert) return;
        const auto [at, first] = place_.emplace(id, words_.size());
        if (first) words_.push_back({id, row, 0, std::vector<std::uint32_t>(experts_, 0)});
        Word& word = words_[at->second];
        ++word.tokens;
        ++tokens_;
        for (const ExpertId e : chosen) {
            ++word.chosen[e];
            ++selections_[e];
        }
    }

    // The expert's words by surplus, without their texts.
    ExpertVocabulary top(ExpertId expert, std::size_t most) const {
        const double rate = static_cast<double>(selections_[expert]) / static_cast<double>(tokens_);
        std::vector<std::pair<double, const Word*>> ranked;
        for (const Word& word : words_) {
            const double surplus = word.chosen[expert] - static_cast<double>(word.tokens) * rate;
            if (surplus > 0) ranked.emplace_back(surplus, &word);
        }
        std::stable_sort(ranked.begin(), ranked.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
        ExpertVocabulary result{expert, selections_[expert], {}};
        for (std::size_t i = 0; i < std::min(most, ranked.size()); ++i) {
            const Word& word = *ranked[i].second;
            const double share = word.chosen[expert] / static_cast<double>(word.tokens);
            result.tokens.push_back({word.id, {}, word.chosen[expert], share / rate});
        }
        return result;
    }

    TokenPos first_row(std::uint32_t id) const { return words_[place_.at(id)].first; }

  private:
    std::size_t experts_;
    std::uint64_t tokens_ = 0;
    std::vector<std::uint64_t> selections_;
    std::vector<Word> words_;
    std::unordered_map<std::uint32_t, std::size_t> place_;
};

std::string text_at(const RoutingTrace& trace, TokenPos row) {
    const TokenTable token = trace.tokens({row, row + 1});
    if (!stands_in_text(token, 0)) return {};
    const std::string text = whole_text(trace.header().prompts, token.prompt[0]);
    return text_context(text, token.byte_begin[0], token.byte_end[0], 0).token;
}

}  // namespace

std::vector<ExpertVocabulary> expert_tokens(const RoutingTrace& trace, std::size_t routed,
                                            const TokenSelection& selection, std::size_t per_expert,
                                            Progress& progress) {
    const std::uint32_t experts = trace.layers()[routed].experts;
    Vocabulary vocabulary(experts);
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const TokenTable tokens = trace.tokens(range);
        const Grid<ExpertId> chosen = trace.experts(routed, range);
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t) {
                const std::size_t i = t - range.begin;
                vocabulary.add(tokens.id[i], t, chosen.row(i));
            }
        }
        progress.advance(range.size());
    });
    std::vector<ExpertVocabulary> result;
    for (std::uint32_t e = 0; e < experts; ++e) {
        result.push_back(vocabulary.top(static_cast<ExpertId>(e), per_expert));
        for (ExpertToken& token : result.back().tokens) {
            token.text = text_at(trace, vocabulary.first_row(token.id));
        }
    }
    return result;
}

}  // namespace alluvium
