#include "model/tokenizer/chat_template/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/utf8.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

// Of one tag: its expression's tree is walked with a stack.
constexpr std::size_t kMostTokens = 4000;

bool is_space(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool starts_name(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Line ends as Jinja sees them: one kind, and none at the end of the template.
std::string normalised(const std::string& source) {
    std::string text;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r') {
            text += '\n';
            if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
        } else {
            text += source[i];
        }
    }
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

class Lexer {
  public:
    explicit Lexer(const std::string& source) : source_(normalised(source)) {}

    std::vector<Token> run() {
        while (at_ < source_.size()) {
            const std::size_t tag = next_tag(at_);
            add_text(tag);
            if (tag == source_.size()) break;
            const char kind = source_[tag + 1];
            move_to(tag + 2);
            if (at_ < source_.size() && (source_[at_] == '-' || source_[at_] == '+')) ++at_;
            if (kind == '#')
                skip_comment();
            else if (kind == '%' && at_raw())
                read_raw();
            else
                read_tag(kind);
        }
        add(Token::Kind::end, "");
        return std::move(tokens_);
    }

  private:
    [[noreturn]] void fail(const std::string& what) const { throw TemplateError(line_, what); }

    void add(Token::Kind kind, std::string value) {
        tokens_.push_back({kind, std::move(value), line_});
    }

    void move_to(std::size_t to) {
        line_ +=
            static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(at_),
                                        source_.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
        at_ = to;
    }
    void skip_space() {
        std::size_t to = at_;
        while (to < source_.size() && is_space(source_[to])) ++to;
        move_to(to);
    }

    std::size_t next_tag(std::size_t from) const {
        for (std::size_t at = from; (at = source_.find('{', at)) != std::string::npos; ++at) {
            if (at + 1 < source_.size() &&
                std::string_view("{%#").find(source_[at + 1]) != std::string_view::npos) {
                return at;
            }
        }
        return source_.size();
    }

    // The text up to the tag at `end`, less what the tag's sign or lstrip_blocks takes from it.
    void add_text(std::size_t end) {
        std::size_t keep = end;
        const char kind = end < source_.size() ? source_[end + 1] : '{';
        const char sign = end + 2 < source_.size() ? source_[end + 2] : ' ';
        if (end < source_.size() && sign == '-') {
            while (keep > at_ && is_space(source_[keep - 1])) --keep;
        } else if (kind != '{' && sign != '+') {
            std::size_t line_start = keep;
            while (line_start > at_ && source_[line_start - 1] != '\n' &&
                   is_space(source_[line_start - 1])) {
                --line_start;
            }
            if (line_start == 0 || source_[line_start - 1] == '\n') keep = line_start;
        }
        if (keep > at_) add(Token::Kind::text, source_.substr(at_, keep - at_));
        move_to(end);
    }

    // Behind a tag: what its sign, or trim_blocks where `trims`, takes from the text that follows.
    void end_tag(char sign, bool trims) {
        if (sign == '-')
            skip_space();
        else if (trims && sign != '+' && at_ < source_.size() && source_[at_] == '\n')
            move_to(at_ + 1);
    }

    void skip_comment() {
        const std::size_t end = source_.find("#}", at_);
        if (end == std::string::npos) fail("a comment without its end");
        const char sign = end > at_ ? source_[end - 1] : ' ';
        move_to(end + 2);
        end_tag(sign, true);
    }

    // "raw %}" or "endraw %}" at `at`: behind it, and the sign before its end.
    bool named_tag(std::size_t at, std::string_view name, std::size_t& behind, char& sign) const {
        while (at < source_.size() && is_space(source_[at])) ++at;
        if (source_.compare(at, name.size(), name) != 0) return false;
        at += name.size();
        while (at < source_.size() && is_space(source_[at])) ++at;
        sign = at < source_.size() ? source_[at] : ' ';
        if (sign == '-' || sign == '+') ++at;
        behind = at + 2;
        return source_.compare(at, 2, "%}") == 0;
    }
    bool at_raw() const {
        std::size_t behind = 0;
        char sign = ' ';
        return named_tag(at_, "raw", behind, sign);
    }
    void read_raw() {
        std::size_t behind = 0;
        char sign = ' ';
        named_tag(at_, "raw", behind, sign);
        move_to(behind);
        end_tag(sign, true);
        for (std::size_t tag = at_; (tag = source_.find("{%", tag)) != std::string::npos; ++tag) {
            const bool signed_tag =
                tag + 2 < source_.size() &&
                std::string_view("-+").find(source_[tag + 2]) != std::string_view::npos;
            if (!named_tag(tag + (signed_tag ? 3 : 2), "endraw", behind, sign)) continue;
            add_text(tag);
            move_to(behind);
            end_tag(sign, true);
            return;
        }
        fail("{% raw %} without {% endraw %}");
    }

    void read_tag(char kind) {
        const bool prints = kind == '{';
        const std::string_view close = prints ? "}}" : "%}";
        add(prints ? Token::Kind::print_begin : Token::Kind::tag_begin, "");
        std::string brackets;
        for (std::size_t count = 0;; ++count) {
            skip_space();
            if (count > kMostTokens) fail("a tag that is too long");
            if (at_ >= source_.size()) fail(prints ? "{{ without }}" : "{% without %}");
            if (brackets.empty()) {
                const bool has_sign = source_[at_] == '-' || (source_[at_] == '+' && !prints);
                if (source_.compare(at_ + (has_sign ? 1 : 0), 2, close) == 0) {
                    const char sign = has_sign ? source_[at_] : ' ';
                    add(prints ? Token::Kind::print_end : Token::Kind::tag_end, "");
                    move_to(at_ + (has_sign ? 3 : 2));
                    end_tag(sign, !prints);
                    return;
                }
            }
            read_token(brackets);
        }
    }

    void read_token(std::string& brackets) {
        const char c = source_[at_];
        if (starts_name(c)) {
            std::size_t end = at_;
            while (end < source_.size() && (starts_name(source_[end]) || is_digit(source_[end])))
                ++end;
            add(Token::Kind::name, source_.substr(at_, end - at_));
            move_to(end);
        } else if (is_digit(c)) {
            read_number();
        } else if (c == '\'' || c == '"') {
            read_string(c);
        } else {
            read_sign(brackets);
        }
    }

    void read_number() {
        std::size_t end = at_;
        const auto digits = [&] {
            while (end < source_.size() && (is_digit(source_[end]) || source_[end] == '_')) ++end;
        };
        digits();
        bool whole = true;
        if (end + 1 < source_.size() && source_[end] == '.' && is_digit(source_[end + 1])) {
            whole = false;
            ++end;
            digits();
        }
        const std::size_t sign = end + 1 < source_.size() && source_[end + 1] == '-' ? 2 : 1;
        if (end + sign < source_.size() && (source_[end] == 'e' || source_[end] == 'E') &&
            is_digit(source_[end + sign])) {
            whole = false;
            end += sign;
            digits();
        }
        std::string text = source_.substr(at_, end - at_);
        std::erase(text, '_');
        if (text.size() > 18) fail("the number " + text + " is too long");
        add(whole ? Token::Kind::integer : Token::Kind::number, std::move(text));
        move_to(end);
    }

    void read_string(char quote) {
        std::string text;
        std::size_t at = at_ + 1;
        while (at < source_.size() && source_[at] != quote) {
            if (source_[at] == '\\' && at + 1 < source_.size())
                at = unescape(at + 1, text);
            else
                text += source_[at++];
        }
        if (at >= source_.size()) fail("a string without its end");
        add(Token::Kind::string, std::move(text));
        move_to(at + 1);
    }

    // The escape behind the backslash before `at`, as Python reads it; returns where it ends.
    std::size_t unescape(std::size_t at, std::string& text) const {
        static constexpr std::string_view kNames = "ntrabfv\\'\"";
        static constexpr std::string_view kBytes = "\n\t\r\a\b\f\v\\'\"";
        const char c = source_[at];
        if (const auto known = kNames.find(c); known != std::string_view::npos) {
            text += kBytes[known];
            return at + 1;
        }
        if (c == '\n') return at + 1;
        const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        if (digits == 0) {
            text += {'\\', c};
            return at + 1;
        }
        const std::string code = source_.substr(at + 1, digits);
        const bool hex = code.size() == digits &&
                         std::all_of(code.begin(), code.end(),
                                     [](unsigned char d) { return std::isxdigit(d) != 0; });
        const unsigned long value = hex ? std::stoul(code, nullptr, 16) : 0x110000;
        if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
            fail("the escape \\" + std::string(1, c) + code + " is no character");
        }
        append_utf8(text, static_cast<std::uint32_t>(value));
        return at + 1 + digits;
    }

    void read_sign(std::string& brackets) {
        static constexpr std::array<std::string_view, 6> kDouble = {
            "==", "!=", "<=", ">=", "//", "**"};
        const std::string_view rest = std::string_view(source_).substr(at_);
        const auto two = std::find(kDouble.begin(), kDouble.end(), rest.substr(0, 2));
        const std::string sign(two != kDouble.end() ? *two : rest.substr(0, 1));
        if (std::string_view("=!<>/*+-%~[](){}.:|,").find(sign[0]) == std::string_view::npos ||
            sign == "!") {
            fail("the character '" + printable_utf8(sign) + "' has no meaning in a template");
        }
        if (sign == "(" || sign == "[" || sign == "{") brackets += sign;
        if (sign == ")" || sign == "]" || sign == "}") {
            const char open = sign == ")" ? '(' : sign == "]" ? '[' : '{';
            if (!brackets.ends_with(open)) fail("'" + sign + "' without its opening bracket");
            brackets.pop_back();
        }
        add(Token::Kind::sign, sign);
        move_to(at_ + sign.size());
    }

    std::string source_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(const std::string& source) {
    return Lexer(source).run();
}

}  // namespace alluvium::jinja
