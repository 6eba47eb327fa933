#include "model/tokenizer/regex/oniguruma.h"

#include <cctype>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/utf8.h"
#include "model/tokenizer/regex/char_class.h"

namespace alluvium {
namespace {

class Translator {
  public:
    explicit Translator(std::string_view pattern) : in_(pattern) {}

    std::string run() {
        translate_group_body();
        if (!done()) refuse("an unmatched ')'");
        return std::move(out_);
    }

  private:
    bool done() const { return at_ >= in_.size(); }
    char peek() const { return done() ? '\0' : in_[at_]; }
    bool accept(std::string_view text) {
        if (!in_.substr(at_).starts_with(text)) return false;
        at_ += text.size();
        return true;
    }
    [[noreturn]] void refuse(const std::string& what) const {
        throw UserError("the regular expression '" + std::string(in_) + "' uses " + what +
                            " (at byte " + std::to_string(at_) + "), which is not supported",
                        "only constructs that published tokenizers use are translated");
    }

    void translate_group_body();
    void translate_atom();
    void translate_group();
    void translate_options();
    void translate_escape();
    void translate_quantifiers(std::size_t atom_begin);
    std::optional<std::string> take_interval();

    CharClass take_class();
    void take_class_member(CharClass& members);
    void take_range(CharClass& members, std::uint32_t first);
    std::optional<CharClass> take_class_escape(char letter);
    std::uint32_t take_character();
    std::uint32_t take_escaped_character();
    std::uint32_t take_hex(std::size_t digits);
    std::string_view take_until(char end);

    void emit_character(std::uint32_t c) {
        CharClass one;
        if (c < 0x80 && std::isalnum(static_cast<int>(c)) != 0) {
            out_.push_back(static_cast<char>(c));
        } else if (c < 0x80 && std::ispunct(static_cast<int>(c)) != 0) {
            out_ += {'\\', static_cast<char>(c)};
        } else {
            one.add(c);
            out_ += one.expression();
        }
    }

    std::string_view in_;
    std::size_t at_ = 0;
    std::string out_;
    bool branch_is_empty_ = true;  // nothing yet since '(' or '|'
};

void Translator::translate_group_body() {
    branch_is_empty_ = true;
    while (!done() && peek() != ')') {
        if (accept("|")) {
            out_.push_back('|');
            branch_is_empty_ = true;
            continue;
        }
        const std::size_t atom_begin = out_.size();
        translate_atom();
        if (out_.size() != atom_begin) translate_quantifiers(atom_begin);
    }
}

void Translator::translate_atom() {
    switch (peek()) {
        case '(':
            translate_group();
            break;
        case '[':
            ++at_;
            out_ += take_class().expression();
            branch_is_empty_ = false;
            break;
        case '\\':
            ++at_;
            translate_escape();
            branch_is_empty_ = false;
            break;
        case '.':
        case '^':
        case '$':
            out_.push_back(in_[at_++]);
            branch_is_empty_ = false;
            break;
        case '*':
        case '+':
        case '?':
            refuse("a quantifier with nothing before it");
        default:
            emit_character(take_character());
            branch_is_empty_ = false;
    }
}

void Translator::translate_group() {
    ++at_;
    std::string opening = "(?:";
    if (accept("?#")) {
        take_until(')');
        return;
    }
    if (accept("?<") && peek() != '=' && peek() != '!') {
        take_until('>');  // a name, for captures that nobody reads
    } else if (in_[at_ - 1] == '<') {
        opening = "(?<" + std::string(1, in_[at_++]);
    } else if (accept("?=")) {
        opening = "(?=";
    } else if (accept("?!")) {
        opening = "(?!";
    } else if (accept("?>")) {
        opening = "(?>";
    } else if (accept("?")) {
        translate_options();
        return;
    }
    out_ += opening;
    translate_group_body();
    if (!accept(")")) refuse("a group without ')'");
    out_.push_back(')');
    branch_is_empty_ = false;
}

void Translator::translate_options() {
    const bool at_branch_start = branch_is_empty_;
    std::string options;
    while (peek() == 'i' || peek() == 'm' || peek() == '-') {
        // Oniguruma's m lets the dot match newlines, which PCRE2 calls s.
        options.push_back(peek() == 'm' ? 's' : peek());
        ++at_;
    }
    if (accept(":")) {
        out_ += "(?" + options + ":";
        translate_group_body();
        if (!accept(")")) refuse("a group without ')'");
        out_.push_back(')');
        branch_is_empty_ = false;
    } else if (accept(")") && at_branch_start) {
        // In mid-branch the two engines disagree on how far the option reaches.
        out_ += "(?" + options + ")";
    } else {
        refuse("a group of this kind");
    }
}

void Translator::translate_escape() {
    if (done()) refuse("a backslash at its end");
    const char letter = peek();
    if (const auto set = take_class_escape(letter)) {
        out_ += set->expression();
        return;
    }
    if (letter == 'b' || letter == 'B') {
        ++at_;
        const std::string word = word_class().expression();
        const std::string boundary =
            "(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word + "))";
        out_ += letter == 'b' ? boundary : "(?!" + boundary + ")";
    } else if (letter == 'A' || letter == 'z' || letter == 'Z' || letter == 'R') {
        ++at_;
        out_ += {'\\', letter};
    } else {
        emit_character(take_escaped_character());
    }
}

// Quantifiers behind the atom that starts at `atom_begin` of the output. Oniguruma reads {n,m}+ as
// a repeated repetition and {n}? as an optional one, where PCRE2 sees possessive and lazy ones.
void Translator::translate_quantifiers(std::size_t atom_begin) {
    bool quantified = false;
    const auto wrap = [&] {
        out_.insert(atom_begin, "(?:");
        out_.push_back(')');
    };
    while (!done()) {
        if (const char c = peek(); c == '*' || c == '+' || c == '?') {
            if (quantified) wrap();
            out_.push_back(c);
            ++at_;
            if (peek() == '?' || peek() == '+') out_.push_back(in_[at_++]);
        } else if (const auto interval = take_interval()) {
            if (quantified) wrap();
            out_ += *interval;
            const bool exact = interval->find(',') == std::string::npos;
            if (peek() == '?' && !exact) out_.push_back(in_[at_++]);
        } else {
            return;
        }
        quantified = true;
    }
}

// {n}, {n,}, {n,m} or {,m}; anything else in braces is literal text.
std::optional<std::string> Translator::take_interval() {
    if (peek() != '{') return std::nullopt;
    const std::size_t end = in_.find('}', at_);
    if (end == std::string_view::npos) return std::nullopt;
    std::string inside(in_.substr(at_ + 1, end - at_ - 1));
    if (inside.empty() || inside == "," ||
        inside.find_first_not_of("0123456789,") != std::string::npos ||
        inside.find(',') != inside.rfind(',')) {
        return std::nullopt;
    }
    at_ = end + 1;
    if (inside.front() == ',') inside.insert(0, "0");
    return "{" + inside + "}";
}

// A class whose '[' is already read.
CharClass Translator::take_class() {
    const bool negated = accept("^");
    CharClass result;
    std::optional<CharClass> left;  // what the last && has on its left
    bool first = true;
    while (first || peek() != ']') {
        if (done()) refuse("a character class without ']'");
        if (accept("&&")) {
            if (left) result.intersect(*left);
            left = std::move(result);
            result = {};
        } else {
            take_class_member(result);
        }
        first = false;
    }
    ++at_;
    if (left) result.intersect(*left);
    if (negated) result.negate();
    return result;
}

void Translator::take_class_member(CharClass& members) {
    if (accept("[:")) {
        const std::string_view name = take_until(':');
        if (!accept("]")) refuse("a character class [: without :]");
        members.add(posix_class(name));
    } else if (accept("[")) {
        members.add(take_class());
    } else if (accept("\\")) {
        if (done()) refuse("a backslash at its end");
        if (const auto set = take_class_escape(peek())) {
            members.add(*set);
        } else {
            take_range(members, take_escaped_character());
        }
    } else {
        take_range(members, take_character());
    }
}

void Translator::take_range(CharClass& members, std::uint32_t first) {
    const bool range =
        peek() == '-' && at_ + 1 < in_.size() && in_[at_ + 1] != ']' && in_[at_ + 1] != '[';
    if (!range) {
        members.add(first);
        return;
    }
    ++at_;
    if (accept("\\")) {
        if (const auto set = take_class_escape(peek())) {
            members.add(first);
            members.add('-');
            members.add(*set);
            return;
        }
        members.add_range(first, take_escaped_character());
    } else {
        members.add_range(first, take_character());
    }
}

// \s, \p{...} and the like; nothing is read where `letter` starts none of them.
std::optional<CharClass> Translator::take_class_escape(char letter) {
    const auto set = [&]() -> std::optional<CharClass> {
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
    };
    std::optional<CharClass> result = set();
    if (result) {
        ++at_;
    } else if (accept("p{") || accept("P{")) {
        result = property_class(take_until('}'));
    } else {
        return std::nullopt;
    }
    if (std::isupper(static_cast<unsigned char>(letter)) != 0) result->negate();
    return result;
}

std::uint32_t Translator::take_character() {
    const Utf8Char next = decode_utf8(in_, at_);
    if (next.bytes == 0) refuse("bytes that are not UTF-8");
    at_ += next.bytes;
    return next.code_point;
}

std::uint32_t Translator::take_escaped_character() {
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

std::uint32_t Translator::take_hex(std::size_t digits) {
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

std::string_view Translator::take_until(char end) {
    const std::size_t stop = in_.find(end, at_);
    if (stop == std::string_view::npos) refuse(std::string("a construct without '") + end + "'");
    const std::string_view text = in_.substr(at_, stop - at_);
    at_ = stop + 1;
    return text;
}

}  // namespace

std::string pcre2_from_oniguruma(std::string_view pattern) {
    return Translator(pattern).run();
}

}  // namespace alluvium
