#include "model/tokenizer/pre_tokenizers/split_behavior.h"

#include <algorithm>

namespace alluvium {
namespace {

// Calls visit(part, matched) for the matches and for what lies between them, in order.
template <typename Visit>
void for_each_part(std::span<const ByteSpan> matches, std::size_t size, bool invert,
                   Visit&& visit) {
    std::uint32_t at = 0;
    for (const ByteSpan& match : matches) {
        if (at != match.begin) visit(ByteSpan{at, match.begin}, invert);
        visit(match, !invert);
        at = match.end;
    }
    if (at != size) visit(ByteSpan{at, static_cast<std::uint32_t>(size)}, invert);
}

void merge_with_next(std::span<const ByteSpan> matches, std::size_t size, bool invert,
                     std::vector<ByteSpan>& parts) {
    std::vector<std::pair<ByteSpan, bool>> all;
    for_each_part(matches, size, invert,
                  [&](ByteSpan part, bool matched) { all.emplace_back(part, matched); });
    bool after_match = false;  // seen from the end, as the reference goes
    for (auto part = all.rbegin(); part != all.rend(); ++part) {
        if (part->second && !after_match && !parts.empty()) {
            parts.back().begin = part->first.begin;
        } else {
            parts.push_back(part->first);
        }
        after_match = part->second;
    }
    std::reverse(parts.begin(), parts.end());
}

}  // namespace

SplitBehavior read_split_behavior(const DefinitionPart& part, SplitBehavior otherwise) {
    if (!part.has("behavior")) return otherwise;
    const std::string name = part.string("behavior");
    if (name == "Removed") return SplitBehavior::removed;
    if (name == "Isolated") return SplitBehavior::isolated;
    if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
    if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
    if (name == "Contiguous") return SplitBehavior::contiguous;
    part.unsupported("the behavior '" + name + "'");
}

void cut_at_matches(std::span<const ByteSpan> matches, std::size_t size, SplitBehavior behavior,
                    bool invert, std::vector<ByteSpan>& parts) {
    parts.clear();
    if (behavior == SplitBehavior::merged_with_next) {
        merge_with_next(matches, size, invert, parts);
        return;
    }
    bool previous_matched = false;
    for_each_part(matches, size, invert, [&](ByteSpan part, bool matched) {
        bool join = false;
        switch (behavior) {
            case SplitBehavior::removed:
                if (matched) return;
                break;
            case SplitBehavior::contiguous:
                join = matched == previous_matched;
                break;
            case SplitBehavior::merged_with_previous:
                join = matched && !previous_matched;
                break;
            case SplitBehavior::isolated:
            case SplitBehavior::merged_with_next:
                break;
        }
        if (join && !parts.empty()) {
            parts.back().end = part.end;
        } else {
            parts.push_back(part);
        }
        previous_matched = matched;
    });
}

}  // namespace alluvium
