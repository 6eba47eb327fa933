#include "model/tokenizer/regex/pattern_cursor.h"

#include <cctype>
#include <charconv>

#include "base/error.h"
#include "base/utf8.h"

namespace alluvium {

bool PatternCursor::accept(std::string_view text) {
    if (!rest().starts_with(text)) return false;
    skip(text.size());
    return true;
}

void PatternCursor::refuse(const std::string& what) const {
    throw UserError("the regular expression '" + std::string(in_) + "' uses " + what +
                        " (at byte " + std::to_string(at_) + "), which is not supported",
                    "only constructs that published tokenizers use are translated");
}

std::uint32_t PatternCursor::take_character() {
    const Utf8Char next = decode_utf8(in_, at_);
    if (next.bytes == 0) refuse("bytes that are not UTF-8");
    at_ += next.bytes;
    return next.code_point;
}

std::uint32_t PatternCursor::take_escaped_character() {
    const char letter = peek();
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) return take_character();
    ++at_;
    switch (letter) {
        case 't':
            return '\t';
        case 'n':
            return '\n';
        case 'v':
            return '\v';
        case 'f':
            return '\f';
        case 'r':
            return '\r';
        case 'a':
            return '\a';
        case 'e':
            return 0x1b;
        case 'u':
            return take_hex(4);
        case 'x': {
            if (accept("{")) {
                const std::uint32_t value = take_hex(in_.find('}', at_) - at_);
                if (!accept("}")) refuse("\\x{ without }");
                return value;
            }
            const std::uint32_t byte = take_hex(2);
            if (byte >= 0x80) refuse("a bare byte \\x80 or above");
            return byte;
        }
        default:
            refuse(std::string("the escape \\") + letter);
    }
}

std::uint32_t PatternCursor::take_hex(std::size_t digits) {
    const std::string_view text = in_.substr(at_, digits);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
        value > 0x10ffff) {
        refuse("a malformed code point");
    }
    at_ += text.size();
    return value;
}

std::string_view PatternCursor::take_until(char end) {
    const std::size_t stop = in_.find(end, at_);
    if (stop == std::string_view::npos) refuse(std::string("a construct without '") + end + "'");
    const std::string_view text = in_.substr(at_, stop - at_);
    at_ = stop + 1;
    return text;
}

}  // namespace alluvium
