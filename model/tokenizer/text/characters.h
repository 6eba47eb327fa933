#pragma once
// What the pipeline asks about single code points, answered as the reference library's Unicode
// version does (16.0; it differs between that library's parts where a comment says so).
#include <cstdint>
#include <string_view>

#include "base/utf8.h"

namespace alluvium {

// The Unicode property White_Space.
bool is_white_space(std::uint32_t code_point);
// Letters, marks, decimal digits, connectors and join controls: \w of the reference's Rust parts.
bool is_word_character(std::uint32_t code_point);
// General categories Nd, Nl, No.
bool is_numeric(std::uint32_t code_point);
// ASCII punctuation and symbols, and the general category P of Unicode 8.0, beyond which the
// reference's table does not go.
bool is_punctuation(std::uint32_t code_point);

// Calls visit(code_point, begin, end) for every character of valid UTF-8.
template <typename Visit>
void for_each_character(std::string_view text, Visit&& visit) {
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Char next = decode_utf8(text, at);
        visit(next.code_point, at, at + next.bytes);
        at += next.bytes;
    }
}

}  // namespace alluvium
