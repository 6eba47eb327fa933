#include "model/tokenizer/regex/class_parser.h"

#include <cctype>

namespace alluvium {
namespace {

std::optional<CharClass> lettered_class(char letter) {
    switch (std::tolower(static_cast<unsigned char>(letter))) {
        case 's':
            return white_space_class();
        case 'd':
            return digit_class();
        case 'w':
            return word_class();
        case 'h':
            return hex_digit_class();
        default:
            return std::nullopt;
    }
}

void take_range(PatternCursor& in, CharClass& members, std::uint32_t first) {
    const std::string_view rest = in.rest();
    const bool range = rest.size() > 1 && rest[0] == '-' && rest[1] != ']' && rest[1] != '[';
    if (!range) {
        members.add(first);
        return;
    }
    in.skip(1);
    if (in.accept("\\")) {
        if (const auto set = take_class_escape(in)) {
            members.add(first);
            members.add('-');
            members.add(*set);
            return;
        }
        members.add_range(first, in.take_escaped_character());
    } else {
        members.add_range(first, in.take_character());
    }
}

void take_class_member(PatternCursor& in, CharClass& members, int depth) {
    if (in.accept("[:")) {
        const std::string_view name = in.take_until(':');
        if (!in.accept("]")) in.refuse("a character class [: without :]");
        members.add(posix_class(name));
    } else if (in.accept("[")) {
        members.add(take_class(in, depth + 1));
    } else if (in.accept("\\")) {
        if (in.done()) in.refuse("a backslash at its end");
        if (const auto set = take_class_escape(in)) {
            members.add(*set);
        } else {
            take_range(in, members, in.take_escaped_character());
        }
    } else {
        take_range(in, members, in.take_character());
    }
}

}  // namespace

CharClass take_class(PatternCursor& in, int depth) {
    if (depth > kDeepestNesting) in.refuse("classes nested too deeply");
    const bool negated = in.accept("^");
    CharClass result;
    std::optional<CharClass> left;  // what the last && has on its left
    bool first = true;
    while (first || in.peek() != ']') {
        if (in.done()) in.refuse("a character class without ']'");
        if (in.accept("&&")) {
            if (left) result.intersect(*left);
            left = std::move(result);
            result = {};
        } else {
            take_class_member(in, result, depth);
        }
        first = false;
    }
    in.skip(1);
    if (left) result.intersect(*left);
    if (negated) result.negate();
    return result;
}

std::optional<CharClass> take_class_escape(PatternCursor& in) {
    const char letter = in.peek();
    std::optional<CharClass> result = lettered_class(letter);
    if (result) {
        in.skip(1);
    } else if (in.accept("p{") || in.accept("P{")) {
        result = property_class(in.take_until('}'));
    } else {
        return std::nullopt;
    }
    if (std::isupper(static_cast<unsigned char>(letter)) != 0) result->negate();
    return result;
}

}  // namespace alluvium
