#pragma once
// The merging at the heart of byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909).
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace alluvium {

// What a pair of neighbours becomes, and how early: the smallest rank goes first.
struct Merge {
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    std::uint32_t rank = 0;
    std::uint32_t merged = 0;
};

// Merges by pair, in one flat hash table: a look-up is one or two cache lines.
class MergeTable {
  public:
    MergeTable() : MergeTable(std::span<const Merge>()) {}
    // Of two merges of the same pair the later one counts.
    explicit MergeTable(std::span<const Merge> merges);

    // Nothing where the pair does not merge. Valid as long as the table.
    const Merge* find(std::uint32_t left, std::uint32_t right) const {
        for (std::size_t at = slot_of(left, right);; at = (at + 1) & mask_) {
            const Merge& slot = slots_[at];
            if (slot.left == left && slot.right == right) return &slot;
            if (slot.left == kFree) return nullptr;
        }
    }

  private:
    static constexpr std::uint32_t kFree = 0xffffffff;

    std::size_t slot_of(std::uint32_t left, std::uint32_t right) const {
        const std::uint64_t key = std::uint64_t{left} << 32 | right;
        return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15u) >> 24) & mask_;
    }

    std::vector<Merge> slots_;  // open addressing, at most half full
    std::size_t mask_ = 0;
};

// A token in the making and how many bytes of the word it covers.
struct Symbol {
    std::uint32_t id = 0;
    std::uint32_t bytes = 0;
};

// Merges neighbours until none can be merged; among equal ranks the leftmost goes first. Time is
// O(n log n) in the number of symbols.
void merge_symbols(std::vector<Symbol>& symbols, const MergeTable& merges);

}  // namespace alluvium
