#include "base/utf8.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

TEST_CASE("decoding gives the code point and its length for 1 to 4 bytes") {
    const std::string text = "a\u00e9\u0915\U0001f600";
    CHECK(decode_utf8(text, 0).code_point == 'a');
    CHECK(decode_utf8(text, 1).code_point == 0xe9);
    CHECK(decode_utf8(text, 3).code_point == 0x915);
    CHECK(decode_utf8(text, 6).code_point == 0x1f600);
    CHECK(decode_utf8(text, 6).bytes == 4);
}

TEST_CASE("malformed UTF-8 is found at its byte offset") {
    CHECK_FALSE(first_invalid_utf8("plain \u0e01"));
    CHECK(first_invalid_utf8("ab\xff") == 2);
    CHECK(first_invalid_utf8("\xc0\x80") == 0);          // overlong NUL
    CHECK(first_invalid_utf8("x\xed\xa0\x80") == 1);     // surrogate
    CHECK(first_invalid_utf8("\xf4\x90\x80\x80") == 0);  // above U+10FFFF
    CHECK(first_invalid_utf8("ok\xe0\xa4") == 2);        // cut off
}

TEST_CASE("encoding undoes decoding") {
    for (const std::uint32_t c : {0x24u, 0xa2u, 0x20acu, 0x10348u, 0x10ffffu}) {
        std::string out;
        append_utf8(out, c);
        CHECK(decode_utf8(out, 0).code_point == c);
        CHECK(decode_utf8(out, 0).bytes == out.size());
    }
}

TEST_CASE("printable text replaces each malformed byte and keeps the rest") {
    CHECK(printable_utf8("a\xff\xfe\u00e9") == "a\ufffd\ufffd\u00e9");
}
