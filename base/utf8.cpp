#include "base/utf8.h"

namespace alluvium {
namespace {

struct LeadByte {
    std::uint32_t bytes;
    std::uint32_t bits;
    std::uint32_t smallest;  // smaller values have a shorter form: overlong
};

LeadByte lead_byte(unsigned char c) {
    if (c < 0x80) return {1, c, 0};
    if (c >= 0xc2 && c < 0xe0) return {2, c & 0x1fu, 0x80};
    if (c >= 0xe0 && c < 0xf0) return {3, c & 0x0fu, 0x800};
    if (c >= 0xf0 && c < 0xf5) return {4, c & 0x07u, 0x10000};
    return {0, 0, 0};
}

}  // namespace

Utf8Char decode_utf8(std::string_view text, std::size_t at) {
    if (at >= text.size()) return {};
    const auto [bytes, bits, smallest] = lead_byte(static_cast<unsigned char>(text[at]));
    if (bytes == 0 || at + bytes > text.size()) return {};
    std::uint32_t code_point = bits;
    for (std::uint32_t i = 1; i < bytes; ++i) {
        const auto c = static_cast<unsigned char>(text[at + i]);
        if ((c & 0xc0) != 0x80) return {};
        code_point = code_point << 6 | (c & 0x3fu);
    }
    const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
    if (code_point < smallest || code_point > 0x10ffff || surrogate) return {};
    return {code_point, bytes};
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::uint32_t bytes = decode_utf8(text, at).bytes;
        if (bytes == 0) return at;
        at += bytes;
    }
    return std::nullopt;
}

void append_utf8(std::string& out, std::uint32_t c) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6);
        put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3f));
        put(0x80 | (c >> 6 & 0x3f));
        put(0x80 | (c & 0x3f));
    }
}

std::string printable_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::uint32_t bytes = decode_utf8(text, at).bytes;
        if (bytes == 0) {
            append_utf8(out, kReplacementCharacter);
            ++at;
        } else {
            out.append(text.substr(at, bytes));
            at += bytes;
        }
    }
    return out;
}

}  // namespace alluvium
