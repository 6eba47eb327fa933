#include "model/tokenizer/models/bpe_merge.h"

#include <algorithm>
#include <array>
#include <bit>

namespace alluvium {
namespace {

constexpr std::uint32_t kNoRank = 0xffffffff;
// Up to here scanning for the smallest rank is faster than keeping a heap.
constexpr std::size_t kShortWord = 96;
constexpr std::uint32_t kNowhere = 0xffffffff;

void merge_short(std::vector<Symbol>& symbols, const MergeTable& merges) {
    std::array<std::uint32_t, kShortWord> ranks;   // of the pair that starts here
    std::array<std::uint32_t, kShortWord> merged;  // what that pair becomes
    std::size_t size = symbols.size();
    const auto look_up = [&](std::size_t at) {
        const Merge* found =
            at + 1 < size ? merges.find(symbols[at].id, symbols[at + 1].id) : nullptr;
        ranks[at] = found == nullptr ? kNoRank : found->rank;
        merged[at] = found == nullptr ? 0 : found->merged;
    };
    for (std::size_t i = 0; i < size; ++i) look_up(i);
    while (size > 1) {
        const auto best = std::min_element(ranks.begin(), ranks.begin() + (size - 1));
        if (*best == kNoRank) break;
        const auto at = static_cast<std::size_t>(best - ranks.begin());
        symbols[at] = {merged[at], symbols[at].bytes + symbols[at + 1].bytes};
        const auto close_gap = [&](auto& values) {
            std::copy(values.begin() + at + 2, values.begin() + size, values.begin() + at + 1);
        };
        close_gap(symbols);
        close_gap(ranks);
        close_gap(merged);
        --size;
        look_up(at);
        if (at > 0) look_up(at - 1);
    }
    symbols.resize(size);
}

// The pair that starts at symbol `at`, waiting for its turn.
struct Candidate {
    std::uint32_t rank = 0;
    std::uint32_t at = 0;
    std::uint32_t left = 0;
    std::uint32_t right = 0;

    bool operator<(const Candidate& other) const {  // heaps keep their largest on top
        return rank != other.rank ? rank > other.rank : at > other.at;
    }
};

class LongWord {
  public:
    LongWord(std::vector<Symbol>& symbols, const MergeTable& merges)
        : symbols_(symbols), merges_(merges) {
        const auto size = static_cast<std::uint32_t>(symbols.size());
        next_.resize(size);
        previous_.resize(size);
        for (std::uint32_t i = 0; i < size; ++i) {
            next_[i] = i + 1 < size ? i + 1 : kNowhere;
            previous_[i] = i > 0 ? i - 1 : kNowhere;
        }
        for (std::uint32_t i = 0; i < size; ++i) push(i);
        std::make_heap(heap_.begin(), heap_.end());
    }

    void run() {
        while (!heap_.empty()) {
            std::pop_heap(heap_.begin(), heap_.end());
            const Candidate top = heap_.back();
            heap_.pop_back();
            if (!outdated(top)) merge(top);
        }
        std::erase_if(symbols_, [](const Symbol& symbol) { return symbol.bytes == 0; });
    }

  private:
    bool push(std::uint32_t at) {
        if (at == kNowhere || next_[at] == kNowhere) return false;
        const std::uint32_t left = symbols_[at].id;
        const std::uint32_t right = symbols_[next_[at]].id;
        const Merge* found = merges_.find(left, right);
        if (found == nullptr) return false;
        heap_.push_back({found->rank, at, left, right});
        return true;
    }

    bool outdated(const Candidate& candidate) const {
        const std::uint32_t at = candidate.at;
        return symbols_[at].bytes == 0 || next_[at] == kNowhere ||
               symbols_[at].id != candidate.left || symbols_[next_[at]].id != candidate.right;
    }

    void merge(const Candidate& candidate) {
        const std::uint32_t at = candidate.at;
        const std::uint32_t gone = next_[at];
        symbols_[at] = {merges_.find(candidate.left, candidate.right)->merged,
                        symbols_[at].bytes + symbols_[gone].bytes};
        symbols_[gone].bytes = 0;
        next_[at] = next_[gone];
        if (next_[at] != kNowhere) previous_[next_[at]] = at;
        if (push(previous_[at])) std::push_heap(heap_.begin(), heap_.end());
        if (push(at)) std::push_heap(heap_.begin(), heap_.end());
    }

    std::vector<Symbol>& symbols_;  // bytes == 0: merged into the one before
    const MergeTable& merges_;
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> previous_;
    std::vector<Candidate> heap_;
};

}  // namespace

MergeTable::MergeTable(std::span<const Merge> merges) {
    slots_.resize(std::bit_ceil(merges.size() * 2 + 2), Merge{kFree, kFree, 0, 0});
    mask_ = slots_.size() - 1;
    for (const Merge& merge : merges) {
        std::size_t at = slot_of(merge.left, merge.right);
        const auto taken = [&] {
            return slots_[at].left != kFree &&
                   (slots_[at].left != merge.left || slots_[at].right != merge.right);
        };
        while (taken()) at = (at + 1) & mask_;
        slots_[at] = merge;
    }
}

void merge_symbols(std::vector<Symbol>& symbols, const MergeTable& merges) {
    if (symbols.size() < 2) return;
    if (symbols.size() <= kShortWord) {
        merge_short(symbols, merges);
    } else {
        LongWord(symbols, merges).run();
    }
}

}  // namespace alluvium
