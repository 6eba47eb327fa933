#include "model/tokenizer/regex/oniguruma.h"

#include <cctype>
#include <optional>

#include "model/tokenizer/regex/class_parser.h"

namespace alluvium {
namespace {

class Translator {
  public:
    explicit Translator(std::string_view pattern) : in_(pattern) {}

    std::string run() {
        translate_group_body();
        if (!in_.done()) in_.refuse("an unmatched ')'");
        return std::move(out_);
    }

  private:
    void translate_group_body();
    void translate_atom();
    void translate_group();
    void translate_group_after(const std::string& opening);
    void translate_options();
    void translate_escape();
    void translate_quantifiers(std::size_t atom_begin);
    std::optional<std::string> take_interval();

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

    PatternCursor in_;
    std::string out_;
    int depth_ = 0;
    bool branch_is_empty_ = true;  // nothing yet since '(' or '|'
};

void Translator::translate_group_body() {
    branch_is_empty_ = true;
    while (!in_.done() && in_.peek() != ')') {
        if (in_.accept("|")) {
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
    switch (in_.peek()) {
        case '(':
            translate_group();
            break;
        case '[':
            in_.skip(1);
            out_ += take_class(in_).expression();
            branch_is_empty_ = false;
            break;
        case '\\':
            in_.skip(1);
            translate_escape();
            branch_is_empty_ = false;
            break;
        case '.':
        case '^':
        case '$':
            out_.push_back(in_.take_byte());
            branch_is_empty_ = false;
            break;
        case '*':
        case '+':
        case '?':
            in_.refuse("a quantifier with nothing before it");
        default:
            emit_character(in_.take_character());
            branch_is_empty_ = false;
    }
}

void Translator::translate_group() {
    in_.skip(1);
    if (in_.accept("?#")) {
        in_.take_until(')');
        return;
    }
    for (const char* kind : {"?:", "?=", "?!", "?>", "?<=", "?<!"}) {
        if (in_.accept(kind)) return translate_group_after(std::string("(") + kind);
    }
    if (in_.accept("?<")) {
        in_.take_until('>');  // a name, for captures that nobody reads
    } else if (in_.accept("?")) {
        return translate_options();
    }
    translate_group_after("(?:");
}

void Translator::translate_group_after(const std::string& opening) {
    if (++depth_ > kDeepestNesting) in_.refuse("groups nested too deeply");
    out_ += opening;
    translate_group_body();
    if (!in_.accept(")")) in_.refuse("a group without ')'");
    out_.push_back(')');
    branch_is_empty_ = false;
    --depth_;
}

void Translator::translate_options() {
    const bool at_branch_start = branch_is_empty_;
    std::string options;
    while (in_.peek() == 'i' || in_.peek() == 'm' || in_.peek() == '-') {
        const char option = in_.take_byte();
        // Oniguruma's m lets the dot match newlines, which PCRE2 calls s.
        options.push_back(option == 'm' ? 's' : option);
    }
    if (in_.accept(":")) {
        translate_group_after("(?" + options + ":");
    } else if (in_.accept(")") && at_branch_start) {
        // In mid-branch the two engines disagree on how far the option reaches.
        out_ += "(?" + options + ")";
    } else {
        in_.refuse("a group of this kind");
    }
}

void Translator::translate_escape() {
    if (in_.done()) in_.refuse("a backslash at its end");
    const char letter = in_.peek();
    if (const auto set = take_class_escape(in_)) {
        out_ += set->expression();
        return;
    }
    if (letter == 'b' || letter == 'B') {
        in_.skip(1);
        const std::string word = word_class().expression();
        const std::string boundary =
            "(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word + "))";
        out_ += letter == 'b' ? boundary : "(?!" + boundary + ")";
    } else if (letter == 'A' || letter == 'z' || letter == 'Z' || letter == 'R') {
        in_.skip(1);
        out_ += {'\\', letter};
    } else {
        emit_character(in_.take_escaped_character());
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
    while (!in_.done()) {
        if (const char c = in_.peek(); c == '*' || c == '+' || c == '?') {
            if (quantified) wrap();
            out_.push_back(in_.take_byte());
            if (in_.peek() == '?' || in_.peek() == '+') out_.push_back(in_.take_byte());
        } else if (const auto interval = take_interval()) {
            if (quantified) wrap();
            out_ += *interval;
            const bool exact = interval->find(',') == std::string::npos;
            if (in_.peek() == '?' && !exact) out_.push_back(in_.take_byte());
        } else {
            return;
        }
        quantified = true;
    }
}

// {n}, {n,}, {n,m} or {,m}; anything else in braces is literal text.
std::optional<std::string> Translator::take_interval() {
    if (in_.peek() != '{') return std::nullopt;
    const std::size_t end = in_.rest().find('}');
    if (end == std::string_view::npos) return std::nullopt;
    std::string inside(in_.rest().substr(1, end - 1));
    if (inside.empty() || inside == "," ||
        inside.find_first_not_of("0123456789,") != std::string::npos ||
        inside.find(',') != inside.rfind(',')) {
        return std::nullopt;
    }
    in_.skip(end + 1);
    if (inside.front() == ',') inside.insert(0, "0");
    return "{" + inside + "}";
}

}  // namespace

std::string pcre2_from_oniguruma(std::string_view pattern) {
    return Translator(pattern).run();
}

}  // namespace alluvium
