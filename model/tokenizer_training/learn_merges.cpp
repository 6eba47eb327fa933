#include "model/tokenizer_training/learn_merges.h"

#include <queue>
#include <unordered_map>

namespace alluvium {
namespace {

using Pair = std::uint64_t;  // left in the upper half, right in the lower

Pair make_pair_key(std::uint32_t left, std::uint32_t right) {
    return Pair{left} << 32 | right;
}
std::uint32_t left_of(Pair pair) {
    return static_cast<std::uint32_t>(pair >> 32);
}
std::uint32_t right_of(Pair pair) {
    return static_cast<std::uint32_t>(pair);
}

// The standard hash of integers is the identity, which puts all pairs of one right symbol together.
struct PairHash {
    std::size_t operator()(Pair pair) const {
        return static_cast<std::size_t>((pair * 0x9e3779b97f4a7c15u) >> 16);
    }
};

struct PairUse {
    std::int64_t count = 0;
    std::vector<std::uint32_t> words;  // those that hold it, and some that no longer do
};

struct Candidate {
    std::int64_t count = 0;
    Pair pair = 0;
    // Less urgent: rarer, or equally frequent with larger ids.
    bool operator<(const Candidate& other) const {
        return count != other.count ? count < other.count : pair > other.pair;
    }
};

class Learner {
  public:
    explicit Learner(std::span<const CountedWord> words) : words_(words) {
        for (int byte = 0; byte < 256; ++byte) add_token(std::string(1, static_cast<char>(byte)));
        symbols_.reserve(words.size());
        for (std::uint32_t w = 0; w < words.size(); ++w) {
            std::vector<std::uint32_t> symbols;
            for (const char c : words[w].bytes) symbols.push_back(static_cast<unsigned char>(c));
            for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
                change(make_pair_key(symbols[i], symbols[i + 1]), w, +1);
            }
            symbols_.push_back(std::move(symbols));
        }
        for (const auto& [pair, use] : uses_) candidates_.push({use.count, pair});
    }

    // False where nothing is left to merge.
    bool merge_next() {
        while (!candidates_.empty()) {
            const Candidate best = candidates_.top();
            candidates_.pop();
            const auto use = uses_.find(best.pair);
            if (use == uses_.end() || use->second.count <= 0) continue;
            if (use->second.count != best.count) {  // it has changed since it was queued
                candidates_.push({use->second.count, best.pair});
                continue;
            }
            merge(best.pair);
            return true;
        }
        return false;
    }

    std::size_t size() const { return result_.tokens.size(); }
    LearnedMerges take() { return std::move(result_); }

  private:
    std::uint32_t add_token(std::string bytes) {
        const auto id = static_cast<std::uint32_t>(result_.tokens.size());
        const auto [entry, is_new] = ids_.emplace(bytes, id);
        if (is_new) result_.tokens.push_back(std::move(bytes));
        return entry->second;
    }

    void change(Pair pair, std::uint32_t word, int sign) {
        PairUse& use = uses_[pair];
        use.count += sign * static_cast<std::int64_t>(words_[word].count);
        if (sign > 0 && (use.words.empty() || use.words.back() != word)) use.words.push_back(word);
    }

    // Its pair's own count runs out of step here; merge() drops it afterwards.
    void merge_in_word(std::uint32_t word, Pair pair, std::uint32_t merged) {
        std::vector<std::uint32_t>& symbols = symbols_[word];
        std::size_t kept = 0;
        for (std::size_t i = 0; i < symbols.size(); ++i) {
            const bool here = i + 1 < symbols.size() && symbols[i] == left_of(pair) &&
                              symbols[i + 1] == right_of(pair);
            if (!here) {
                symbols[kept++] = symbols[i];
                continue;
            }
            if (kept > 0) {
                change(make_pair_key(symbols[kept - 1], left_of(pair)), word, -1);
                note_new(make_pair_key(symbols[kept - 1], merged), word);
            }
            if (i + 2 < symbols.size()) {
                change(make_pair_key(right_of(pair), symbols[i + 2]), word, -1);
                note_new(make_pair_key(merged, symbols[i + 2]), word);
            }
            symbols[kept++] = merged;
            ++i;
        }
        symbols.resize(kept);
    }

    void note_new(Pair pair, std::uint32_t word) {
        change(pair, word, +1);
        grown_.push_back(pair);
    }

    void merge(Pair pair) {
        const std::uint32_t merged =
            add_token(result_.tokens[left_of(pair)] + result_.tokens[right_of(pair)]);
        result_.merges.push_back({left_of(pair), right_of(pair), merged});
        // Taken out: merging adds to other pairs' lists, which may move them in memory.
        const std::vector<std::uint32_t> words = std::move(uses_[pair].words);
        grown_.clear();
        for (const std::uint32_t word : words) merge_in_word(word, pair, merged);
        uses_.erase(pair);
        for (const Pair grown : grown_) {
            const auto use = uses_.find(grown);
            if (use != uses_.end() && use->second.count > 0) {
                candidates_.push({use->second.count, grown});
            }
        }
    }

    std::span<const CountedWord> words_;
    LearnedMerges result_;
    std::unordered_map<std::string, std::uint32_t> ids_;
    std::vector<std::vector<std::uint32_t>> symbols_;  // of each word
    std::unordered_map<Pair, PairUse, PairHash> uses_;
    std::priority_queue<Candidate> candidates_;
    std::vector<Pair> grown_;
};

}  // namespace

LearnedMerges learn_merges(std::span<const CountedWord> words, std::size_t vocabulary,
                           Progress& progress) {
    Learner learner(words);
    progress.start(vocabulary);
    progress.advance(learner.size());
    while (learner.size() < vocabulary) {
        progress.check();
        const std::size_t before = learner.size();
        if (!learner.merge_next()) break;
        progress.advance(learner.size() - before);
    }
    return learner.take();
}

}  // namespace alluvium
