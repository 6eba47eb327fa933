#pragma once
#include <string_view>

namespace alluvium {

// What SentencePiece and its relatives write for a space: U+2581.
inline constexpr std::string_view kSpaceMark = "\u2581";

// Where a mark follows another character: the first such place at or after `from`, or npos.
inline std::size_t find_inner_mark(std::string_view text, std::string_view mark,
                                   std::size_t from = 0) {
    for (std::size_t at = text.find(mark, from); at != std::string_view::npos;
         at = text.find(mark, at + mark.size())) {
        if (at > 0 && !text.substr(0, at).ends_with(mark)) return at;
    }
    return std::string_view::npos;
}

inline bool holds_mark_inside(std::string_view token, std::string_view mark) {
    return find_inner_mark(token, mark) != std::string_view::npos;
}

}  // namespace alluvium
