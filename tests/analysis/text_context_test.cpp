#include "analysis/search/text_context.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

std::string shown(std::string_view text, std::string_view token, std::size_t width) {
    const std::size_t begin = text.find(token);
    const TextContext c = text_context(text, begin, begin + token.size(), width);
    return c.left + "[" + c.token + "]" + c.right;
}

}  // namespace

TEST_CASE("A context counts characters, not bytes") {
    CHECK(shown("Où avez-vous mal ?", "avez", 3) == "Où [avez]-vo");
    CHECK(shown("哪里疼？医生马上就来。", "医生", 2) == "疼？[医生]马上");
    CHECK(shown("short", "short", 9) == "[short]");
}

TEST_CASE("A context never cuts what readers take for one character") {
    // ko + vowel sign, no + virama..: "कि" is one character of two code points.
    CHECK(shown("किताब", "ता", 1) == "कि[ता]ब");
    // A token that ends inside a character is widened to it.
    CHECK(shown("किताब", "क", 1) == "[कि]ता");
    // Thai vowels and tone marks stay with their consonant.
    CHECK(shown("น้ำดื่ม", "ดื่", 1) == "น้ำ[ดื่]ม");
    CHECK(shown("a👩‍🔬b", "b", 1) == "👩‍🔬[b]");
}

TEST_CASE("A context is one line of whole UTF-8, in reading order") {
    CHECK(shown("a\nb\tc", "b", 9) == "a [b] c");
    CHECK(shown("أين يؤلمك؟", "يؤلمك", 4) == "أين [يؤلمك]؟");
    const TextContext all = text_context("ab", 5, 9, 1);
    CHECK(all.left == "b");
    CHECK(all.token.empty());
}
