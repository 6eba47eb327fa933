#include "model/tokenizer/text/byte_alphabet.h"

#include <array>

#include "base/utf8.h"

namespace alluvium {
namespace {

constexpr std::uint32_t kFirstSubstitute = 0x100;
constexpr std::uint32_t kSubstitutes = 68;

constexpr bool stands_for_itself(std::uint32_t byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte != 0xad);
}

struct ByteAlphabet {
    std::array<std::uint16_t, 256> character{};
    std::array<unsigned char, kSubstitutes> substituted{};
};

constexpr ByteAlphabet make_byte_alphabet() {
    ByteAlphabet alphabet;
    std::uint32_t used = 0;
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        if (stands_for_itself(byte)) {
            alphabet.character[byte] = static_cast<std::uint16_t>(byte);
        } else {
            alphabet.character[byte] = static_cast<std::uint16_t>(kFirstSubstitute + used);
            alphabet.substituted[used++] = static_cast<unsigned char>(byte);
        }
    }
    return alphabet;
}

constexpr ByteAlphabet kAlphabet = make_byte_alphabet();
static_assert(kAlphabet.character[' '] == 0x120 && kAlphabet.character[0xad] == 0x143);

}  // namespace

std::uint32_t byte_character(unsigned char byte) {
    return kAlphabet.character[byte];
}

std::optional<unsigned char> character_byte(std::uint32_t c) {
    if (c < 0x100 && stands_for_itself(c)) return static_cast<unsigned char>(c);
    if (c >= kFirstSubstitute && c < kFirstSubstitute + kSubstitutes) {
        return kAlphabet.substituted[c - kFirstSubstitute];
    }
    return std::nullopt;
}

std::string to_byte_characters(std::string_view text) {
    std::string out;
    out.reserve(text.size() * 2);
    for (const char byte : text) {
        append_utf8(out, byte_character(static_cast<unsigned char>(byte)));
    }
    return out;
}

std::optional<std::string> from_byte_characters(std::string_view token) {
    std::string out;
    for (std::size_t at = 0; at < token.size();) {
        const Utf8Char next = decode_utf8(token, at);
        const auto byte = character_byte(next.code_point);
        if (next.bytes == 0 || !byte) return std::nullopt;
        out.push_back(static_cast<char>(*byte));
        at += next.bytes;
    }
    return out;
}

}  // namespace alluvium
