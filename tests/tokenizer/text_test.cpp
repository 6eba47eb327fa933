#include <catch2/catch_test_macros.hpp>

#include "model/tokenizer/normalizers/unicode_form.h"
#include "model/tokenizer/pre_tokenizers/split_behavior.h"
#include "model/tokenizer/text/byte_alphabet.h"
#include "model/tokenizer/text/characters.h"
#include "model/tokenizer/text/piece_list.h"

using namespace alluvium;
using Spans = std::vector<ByteSpan>;

namespace {

AlignedText aligned(std::string_view text) {
    AlignedText result{std::string(text), {}};
    for_each_character(text, [&](std::uint32_t, std::size_t begin, std::size_t end) {
        result.spans.resize(end,
                            {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    });
    return result;
}

AlignedText normalised(UnicodeForm form, std::string_view text) {
    AlignedText result = aligned(text);
    UnicodeFormNormalizer(form).apply(result);
    return result;
}

std::vector<std::string> cut(SplitBehavior behavior, bool invert = false) {
    const std::string_view text = "the-final--countdown";
    const Spans dashes = {{3, 4}, {9, 10}, {10, 11}};
    Spans parts;
    cut_at_matches(dashes, text.size(), behavior, invert, parts);
    std::vector<std::string> found;
    for (const ByteSpan& part : parts) {
        found.emplace_back(text.substr(part.begin, part.end - part.begin));
    }
    return found;
}

using Parts = std::vector<std::string>;

}  // namespace

TEST_CASE("new characters come from where their predecessor came from") {
    AlignedText text = aligned("ab");
    rewrite(text, std::vector<CharEdit>{{'a', 0}, {'x', 1}, {'b', 0}});
    CHECK(text.text == "axb");
    CHECK(text.spans == Spans{{0, 1}, {0, 1}, {1, 2}});
}

TEST_CASE("swallowed characters are lost or join the one before them") {
    const std::vector<CharEdit> edits = {{'A', -2}, {'d', 0}};
    AlignedText text = aligned("abcd");
    rewrite(text, edits);
    CHECK(text.spans == Spans{{0, 1}, {3, 4}});
    text = aligned("abcd");
    rewrite(text, edits, 0, Swallowed::join_previous);
    CHECK(text.spans == Spans{{0, 3}, {3, 4}});
}

TEST_CASE("a prefix and a replacement point at the characters beside and under them") {
    AlignedText text = aligned("a b");
    prepend(text, "__");
    CHECK(text.spans == Spans{{0, 1}, {0, 1}, {0, 1}, {1, 2}, {2, 3}});
    text = aligned("a  b");
    replace_matches(text, Spans{{1, 3}}, "+-");
    CHECK(text.text == "a+-b");
    CHECK(text.spans == Spans{{0, 1}, {2, 3}, {2, 3}, {3, 4}});
}

TEST_CASE("the four normalisation forms compose and decompose") {
    CHECK(normalised(UnicodeForm::nfc, "e\u0301").text == "\u00e9");
    CHECK(normalised(UnicodeForm::nfd, "\u00e9").text == "e\u0301");
    CHECK(normalised(UnicodeForm::nfkc, "\ufb01\u2460").text == "fi1");
    CHECK(normalised(UnicodeForm::nfc, "\u1112\u1161\u11ab").text == "\ud55c");    // Hangul
    CHECK(normalised(UnicodeForm::nfc, "\u0958").text == "\u0915\u093c");          // never composes
    CHECK(normalised(UnicodeForm::nfd, "q\u0307\u0323").text == "q\u0323\u0307");  // reordered
}

TEST_CASE("normalisation stops at Unicode 9.0, as the reference's tables do") {
    CHECK(normalised(UnicodeForm::nfd, "\U00011938").text == "\U00011938");   // Unicode 13.0
    CHECK(normalised(UnicodeForm::nfkc, "\U0001e030").text == "\U0001e030");  // Unicode 15.0
    CHECK(normalised(UnicodeForm::nfc, "\U00011935\U00011930").text == "\U00011935\U00011930");
}

TEST_CASE(
    "a composed character covers the marks it took in, and what decomposes shares its place") {
    const AlignedText composed = normalised(UnicodeForm::nfc, "e\u0301x");
    CHECK(composed.spans == Spans{{0, 3}, {0, 3}, {3, 4}});
    const AlignedText taken_apart = normalised(UnicodeForm::nfd, "\u00e9");
    CHECK(taken_apart.spans == Spans{{0, 2}, {0, 2}, {0, 2}});
}

TEST_CASE("a text is normalised only where it has to be") {
    const UnicodeFormNormalizer nfc(UnicodeForm::nfc);
    CHECK_FALSE(nfc.changes("plain \u00e9 \u0915\u093f"));
    CHECK(nfc.changes("e\u0301"));
}

TEST_CASE("each split behavior treats the matches as its name says") {
    CHECK(cut(SplitBehavior::removed) == Parts{"the", "final", "countdown"});
    CHECK(cut(SplitBehavior::isolated) == Parts{"the", "-", "final", "-", "-", "countdown"});
    CHECK(cut(SplitBehavior::merged_with_previous) == Parts{"the-", "final-", "-", "countdown"});
    CHECK(cut(SplitBehavior::merged_with_next) == Parts{"the", "-final", "-", "-countdown"});
    CHECK(cut(SplitBehavior::contiguous) == Parts{"the", "-", "final", "--", "countdown"});
    CHECK(cut(SplitBehavior::removed, true) == Parts{"-", "-", "-"});
}

TEST_CASE("every byte has one character of at most two bytes, and the character leads back") {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::uint32_t c = byte_character(static_cast<unsigned char>(byte));
        CHECK(c < 0x800);
        CHECK(character_byte(c) == byte);
    }
    CHECK(to_byte_characters(" \n!") == "\u0120\u010a!");
    CHECK_FALSE(character_byte(0x144));
    CHECK_FALSE(from_byte_characters("a b"));
}

TEST_CASE("pieces split and edited still know where they came from") {
    PieceList pieces("a\u00e9 b");
    pieces.split([](const Piece&, std::string_view text, auto add) {
        add(0, 3, kNoToken);
        add(3, 3, kNoToken);  // empty: dropped
        add(3, text.size(), 7);
    });
    REQUIRE(pieces.pieces().size() == 2);
    CHECK(pieces.source(2, 3) == ByteSpan{1, 3});  // half of the second character
    pieces.edit([](std::string_view) { return true; },
                [](AlignedText& text) { prepend(text, ">>"); });
    CHECK(pieces.text(pieces.pieces()[0]) == ">>a\u00e9");
    CHECK(pieces.text(pieces.pieces()[1]) == " b");  // a token already
    CHECK(pieces.source(5, 6) == ByteSpan{3, 4});
}

TEST_CASE("character classes follow the Unicode version of the reference") {
    CHECK(is_white_space(0x3000));
    CHECK_FALSE(is_white_space(0x200b));
    CHECK(is_word_character(0x200d));
    CHECK(is_word_character(0x31350));
    CHECK(is_numeric(0x2460));
    CHECK(is_punctuation('$'));
    CHECK_FALSE(is_punctuation(0x20ac));
    CHECK_FALSE(is_punctuation(0x2e4f));  // Unicode 11.0
}
