#pragma once
// The 256 printable characters that stand for bytes in byte-level vocabularies. The table is
// GPT-2's: printable Latin-1 bytes stand for themselves, the others for U+0100 and up.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace alluvium {

// At most U+0143, so never longer than two bytes of UTF-8.
std::uint32_t byte_character(unsigned char byte);

// The byte that a character stands for, or nothing where it is outside the alphabet.
std::optional<unsigned char> character_byte(std::uint32_t code_point);

// Every byte of `text` as its character.
std::string to_byte_characters(std::string_view text);

// The bytes behind a token's characters, or nothing where one is outside the alphabet.
std::optional<std::string> from_byte_characters(std::string_view token);

}  // namespace alluvium
