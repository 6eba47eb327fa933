#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace alluvium {

inline constexpr std::uint32_t kReplacementCharacter = 0xfffd;

struct Utf8Char {
    std::uint32_t code_point = 0;
    std::uint32_t bytes = 0;  // 0: the bytes at this place are not UTF-8
};

// The code point that starts at `text[at]`; bytes == 0 where the text is malformed there (overlong
// forms, surrogates and values above U+10FFFF count as malformed).
Utf8Char decode_utf8(std::string_view text, std::size_t at);

// Byte offset of the first malformed sequence, or nothing where the whole text is UTF-8.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

void append_utf8(std::string& out, std::uint32_t code_point);

// `text` with every malformed byte replaced by U+FFFD; for showing, never for computing.
std::string printable_utf8(std::string_view text);

}  // namespace alluvium
