#include "model/tokenizer/regex/char_class.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>

#include "base/error.h"
#include "model/tokenizer/text/unicode_additions.h"

namespace alluvium {
namespace {

std::string code_point_item(std::uint32_t code_point) {
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%x}", static_cast<unsigned>(code_point));
    return text;
}

// The additions whose category starts with `category`, as bracket items.
std::string added_items(std::string_view category) {
    CharClass added;
    std::string items;
    for (const UnicodeAddition& row : unicode_additions()) {
        if (!std::string_view(row.category).starts_with(category)) continue;
        items += code_point_item(row.first);
        if (row.first != row.last) items += "-" + code_point_item(row.last);
    }
    return items;
}

std::string added_script_items(std::string_view script) {
    std::string items;
    for (const UnicodeAddition& row : unicode_additions()) {
        if (script != row.script) continue;
        items += code_point_item(row.first) + "-" + code_point_item(row.last);
    }
    return items;
}

std::string category_items(std::string_view category) {
    std::string items = "\\p{" + std::string(category) + "}" + added_items(category);
    // AHOM CONSONANT SIGN MEDIAL RA became a spacing mark in Unicode 15.1.
    if (category == "Mc") items += code_point_item(0x1171e);
    return items;
}

// A class that the additions must be taken away from.
CharClass without(const std::string& items, const std::string& excluded) {
    CharClass all(items);
    CharClass rest(excluded);
    rest.negate();
    all.intersect(rest);
    return all;
}

CharClass category_class(std::string_view category) {
    if (category == "Mn") return without(category_items("Mn"), code_point_item(0x1171e));
    if (category == "C" || category == "Cn") {
        CharClass result = without("\\p{" + std::string(category) + "}", added_items(""));
        if (category == "C") result.add(CharClass(added_items("Cf")));
        return result;
    }
    return CharClass(category_items(category));
}

// Marks that became alphabetic between Unicode 14.0 and 16.0.
constexpr std::string_view kNewlyAlphabetic =
    "\\x{363}-\\x{36f}\\x{897}\\x{c04}\\x{cf3}\\x{f82}-\\x{f83}\\x{1dd3}-\\x{1de6}\\x{10d69}"
    "\\x{10efc}\\x{11080}-\\x{11081}\\x{113b8}-\\x{113c0}\\x{113c2}\\x{113c5}"
    "\\x{113c7}-\\x{113ca}\\x{113cc}-\\x{113cd}\\x{11f00}-\\x{11f01}\\x{11f03}"
    "\\x{11f34}-\\x{11f3a}\\x{11f3e}-\\x{11f40}\\x{1611e}-\\x{1612e}\\x{1e08f}";

CharClass alphabetic_class() {
    return CharClass("\\p{Alphabetic}" + added_items("L") + std::string(kNewlyAlphabetic));
}

// Names are compared without case, spaces, hyphens and underscores.
std::string folded(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == ' ' || c == '_' || c == '-') continue;
        out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    return out;
}

constexpr std::array kCategories = {"L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc",
                                    "Me", "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Ps",
                                    "Pe", "Pi", "Pf", "Po", "S",  "Sm", "Sc", "Sk", "So",
                                    "Z",  "Zs", "Zl", "Zp", "C",  "Cc", "Cf", "Cn", "Co"};

const std::map<std::string, std::string>& long_category_names() {
    static const std::map<std::string, std::string> names = {{"letter", "L"},
                                                             {"uppercaseletter", "Lu"},
                                                             {"lowercaseletter", "Ll"},
                                                             {"titlecaseletter", "Lt"},
                                                             {"modifierletter", "Lm"},
                                                             {"otherletter", "Lo"},
                                                             {"mark", "M"},
                                                             {"nonspacingmark", "Mn"},
                                                             {"spacingmark", "Mc"},
                                                             {"enclosingmark", "Me"},
                                                             {"number", "N"},
                                                             {"decimalnumber", "Nd"},
                                                             {"letternumber", "Nl"},
                                                             {"othernumber", "No"},
                                                             {"punctuation", "P"},
                                                             {"symbol", "S"},
                                                             {"separator", "Z"},
                                                             {"spaceseparator", "Zs"},
                                                             {"other", "C"},
                                                             {"control", "Cc"},
                                                             {"format", "Cf"}};
    return names;
}

// Scripts whose members PCRE2 names as Oniguruma does.
constexpr std::array kScripts = {
    "Arabic",   "Armenian",   "Balinese", "Bengali",   "Bopomofo",  "Common",   "Coptic",
    "Cyrillic", "Devanagari", "Ethiopic", "Georgian",  "Greek",     "Gujarati", "Gurmukhi",
    "Han",      "Hangul",     "Hebrew",   "Hiragana",  "Inherited", "Kannada",  "Katakana",
    "Khmer",    "Lao",        "Latin",    "Malayalam", "Mongolian", "Myanmar",  "Oriya",
    "Sinhala",  "Tamil",      "Telugu",   "Thai",      "Tibetan",   "Yi"};

}  // namespace

void CharClass::add(std::uint32_t code_point) {
    add_range(code_point, code_point);
}

void CharClass::add_range(std::uint32_t first, std::uint32_t last) {
    CharClass range(code_point_item(first) +
                    (first == last ? std::string() : "-" + code_point_item(last)));
    add(range);
}

void CharClass::add(const CharClass& other) {
    if (negated_) {  // brackets around a negated set
        others_ = {expression()};
        items_.clear();
        negated_ = false;
    }
    if (other.negated_) {
        others_.push_back(other.expression());
    } else {
        items_ += other.items_;
        others_.insert(others_.end(), other.others_.begin(), other.others_.end());
    }
}

void CharClass::intersect(const CharClass& other) {
    others_ = {"(?=" + other.expression() + ")" + expression()};
    items_.clear();
    negated_ = false;
}

void CharClass::negate() {
    negated_ = !negated_;
}

std::string CharClass::expression() const {
    if (others_.empty() && !items_.empty()) return (negated_ ? "[^" : "[") + items_ + "]";
    std::string any = items_.empty() ? std::string() : "[" + items_ + "]";
    for (const std::string& other : others_) any += (any.empty() ? "" : "|") + other;
    if (any.empty()) any = "(?!)";
    return negated_ ? "(?:(?!" + any + ")(?s:.))" : "(?:" + any + ")";
}

CharClass white_space_class() {
    return CharClass(
        "\\t-\\r\\x20\\x85\\xa0\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}"
        "\\x{3000}");
}

CharClass digit_class() {
    return CharClass(category_items("Nd"));
}

CharClass word_class() {
    // Oniguruma counts the numbers of Latin-1 as word characters, and no others that are not
    // decimal.
    CharClass word = alphabetic_class();
    word.add(CharClass(category_items("M") + category_items("Nd") + category_items("Pc") +
                       "\\xb2\\xb3\\xb9\\xbc-\\xbe"));
    return word;
}

CharClass hex_digit_class() {
    return CharClass("0-9A-Fa-f");
}

CharClass property_class(std::string_view name) {
    if (name.starts_with('^')) {
        CharClass result = property_class(name.substr(1));
        result.negate();
        return result;
    }
    const std::string wanted = folded(name);
    for (const char* category : kCategories) {
        if (folded(category) == wanted) return category_class(category);
    }
    if (const auto found = long_category_names().find(wanted);
        found != long_category_names().end()) {
        return category_class(found->second);
    }
    if (wanted == "alphabetic" || wanted == "alpha") return alphabetic_class();
    if (wanted == "whitespace" || wanted == "space") return white_space_class();
    if (wanted == "digit") return digit_class();
    if (wanted == "word") return word_class();
    if (wanted == "punct") return category_class("P");
    if (wanted == "any") return CharClass("\\x{0}-\\x{10ffff}");
    if (wanted == "ascii") return CharClass("\\x{0}-\\x{7f}");
    for (const char* script : kScripts) {
        if (folded(script) == wanted) {
            return CharClass("\\p{sc:" + std::string(script) + "}" + added_script_items(script));
        }
    }
    throw UserError("the character property \\p{" + std::string(name) + "} is not supported",
                    "supported are general categories, scripts and a few binary properties");
}

CharClass posix_class(std::string_view name) {
    if (name.starts_with('^')) {
        CharClass result = posix_class(name.substr(1));
        result.negate();
        return result;
    }
    if (name == "alpha") return alphabetic_class();
    if (name == "digit") return digit_class();
    if (name == "space") return white_space_class();
    if (name == "word") return word_class();
    if (name == "xdigit") return hex_digit_class();
    if (name == "punct") return CharClass(category_items("P") + category_items("S"));
    if (name == "ascii") return CharClass("\\x{0}-\\x{7f}");
    throw UserError("the character class [:" + std::string(name) + ":] is not supported",
                    "supported are alpha, ascii, digit, punct, space, word and xdigit");
}

}  // namespace alluvium
