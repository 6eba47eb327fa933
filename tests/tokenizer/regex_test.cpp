#include "model/tokenizer/regex/regex.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/utf8.h"

using namespace alluvium;

namespace {

std::vector<std::string> matches(std::string_view pattern, std::string_view text) {
    const Regex regex = Regex::from_oniguruma(pattern);
    Regex::Matcher matcher(regex);
    std::vector<std::string> found;
    for (const ByteSpan& match : matcher.find_all(text)) {
        found.emplace_back(text.substr(match.begin, match.end - match.begin));
    }
    return found;
}

using Found = std::vector<std::string>;

bool matches_character(std::string_view pattern, std::uint32_t c) {
    std::string text;
    append_utf8(text, c);
    return matches(pattern, text) == Found{text};
}

}  // namespace

// What Oniguruma finds in each of these was checked with it once; the two engines differ in all.
TEST_CASE("an interval is repeated, not possessive or lazy, as in Oniguruma") {
    CHECK(matches(R"(\d{1,3}+)", "1234567a") == Found{"1234567"});
    CHECK(matches(R"(\d{3}?)", "1234567a") == Found{"123", "456", "", ""});
    CHECK(matches(R"(\d{2,3}?)", "123456") == Found{"12", "34", "56"});
    CHECK(matches("a{,2}b", "aaab") == Found{"aab"});
    CHECK(matches("a{x}", "a{x}") == Found{"a{x}"});
}

TEST_CASE("escapes mean what they mean in Oniguruma") {
    CHECK(matches(R"(\h+)", "xfF09g") == Found{"fF09"});
    CHECK(matches(R"(\v)", "\x0b\n").size() == 1);
    CHECK(matches(R"(\u0041\x{42}\x43)", "ABC") == Found{"ABC"});
    CHECK_FALSE(matches_character(R"(\s)", 0x180e));  // no white space since Unicode 6.3
    CHECK(matches_character(R"(\w)", 0x301));         // marks are word characters
    CHECK_FALSE(matches_character(R"(\w)", 0x2460));  // circled digits are not
}

TEST_CASE("classes can be nested, intersected and negated") {
    CHECK(matches("[a[bc]]+", "abcd") == Found{"abc"});
    CHECK(matches("[^a[bc]]", "abcd") == Found{"d"});
    CHECK(matches("[a-f&&[^c]]+", "abcdefg") == Found{"ab", "def"});
    CHECK(matches(R"([\S\n]+)", "a \nb") == Found{"a", "\nb"});
    CHECK(matches(R"([^\P{L}b]+)", "a1bc") == Found{"a", "c"});
    CHECK(matches("[[:alpha:]-]+", "a-b1") == Found{"a-b"});
    CHECK(matches(R"([\]\-a]+)", "a]-b") == Found{"a]-"});
}

TEST_CASE("properties know Unicode 16.0 whatever the regex library knows") {
    CHECK(matches_character(R"(\p{L})", 0x31350));    // CJK extension H, Unicode 15.0
    CHECK(matches_character(R"(\p{Han})", 0x2ebf0));  // CJK extension I, Unicode 15.1
    CHECK(matches_character(R"(\p{Lu})", 0x10d50));   // Garay, Unicode 16.0
    CHECK(matches_character(R"(\p{Mc})", 0x1171e));
    CHECK_FALSE(matches_character(R"(\p{Mn})", 0x1171e));
    CHECK_FALSE(matches_character(R"(\p{Cn})", 0x10d50));
    CHECK_FALSE(matches_character(R"(\p{Han})", 0x3001));  // used with Han, but of no script
}

TEST_CASE("^ and $ match at every line") {
    CHECK(matches("^a", "ab\nac").size() == 2);
    CHECK(matches("b$", "ab\nab").size() == 2);
}

TEST_CASE("an empty match is found unless it touches the match before it") {
    CHECK(matches("x*", "axxb") == Found{"", "xx", ""});
    CHECK(matches("x*", "").empty());
}

TEST_CASE("a literal matches itself only") {
    const Regex regex = Regex::literal("a.b");
    Regex::Matcher matcher(regex);
    CHECK(matcher.find_all("a.b axb").size() == 1);
}

TEST_CASE("long runs need neither stack nor time") {
    const std::string spaces(300'000, ' ');
    CHECK(matches(R"(\s+(?!\S)|\s+)", spaces + "x").size() == 2);
    CHECK(matches("(?:a|b)+c", std::string(300'000, 'a') + "c").size() == 1);
}

TEST_CASE("constructs without a translation are refused") {
    for (const char* pattern :
         {R"((a)\1)", R"(\p{Script=Han})", R"(\X)", "(?~a)", "a(?i)b", "(?x)a", "[[:graph:]]", "(",
          ")", "[a", R"(\)", "*", R"(\x{110000})", R"(\p{L)", R"(\xff)"}) {
        INFO(pattern);
        CHECK_THROWS_AS(Regex::from_oniguruma(pattern), UserError);
    }
    CHECK_THROWS_AS(Regex::from_oniguruma(std::string(100'000, '(')), UserError);
    CHECK_THROWS_AS(Regex::from_oniguruma(std::string(100'000, '[')), UserError);
}
