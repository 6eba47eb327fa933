#include "analysis/token_class.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/token_traits.h"
#include "captures/generated_text.h"

using namespace alluvium;

namespace {

TokenClass class_of(std::string_view text, std::string_view before = "") {
    const std::string whole = std::string(before) + std::string(text);
    return class_of_text(whole, before.size(), whole.size());
}

TokenTable table_of(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& spans) {
    TokenTable tokens;
    for (const auto& [begin, end] : spans) {
        tokens.id.push_back(0);
        tokens.prompt.push_back(0);
        tokens.position.push_back(0);
        tokens.byte_begin.push_back(begin);
        tokens.byte_end.push_back(end);
        tokens.phase.push_back(kPhasePrompt);
        tokens.special.push_back(0);
    }
    return tokens;
}

}  // namespace

TEST_CASE("A token is a word's start where no letter stands before it") {
    CHECK(class_of("pain") == TokenClass::word_start);
    CHECK(class_of(" pain", "chest") == TokenClass::word_start);
    CHECK(class_of("ful", "pain") == TokenClass::continuation);
    CHECK(class_of("'s", "patient") == TokenClass::word_start);
    CHECK(class_of("क", "द") == TokenClass::continuation);
    CHECK(class_of("र्द", "द") == TokenClass::continuation);
    CHECK(class_of("痛", "头") == TokenClass::continuation);
}

TEST_CASE("Digits of any script are digits, and marks and white space punctuation") {
    CHECK(class_of(" 12") == TokenClass::digit);
    CHECK(class_of("٣", "٢") == TokenClass::digit);
    CHECK(class_of("B12") == TokenClass::word_start);
    CHECK(class_of("।") == TokenClass::punctuation);
    CHECK(class_of(" ") == TokenClass::punctuation);
    CHECK(class_of("…") == TokenClass::punctuation);
}

TEST_CASE("Tokens that share a character are fragments, and prompts without text have no class") {
    PromptTable prompts;
    prompts.text = {"a痛b"};
    // The three bytes of the character are cut in two; offsets grow to whole characters.
    TokenTable tokens = table_of({{0, 1}, {1, 4}, {1, 4}, {4, 5}});
    tokens.special[0] = 1;
    const auto classes = classify_tokens(prompts, tokens);
    CHECK(classes == std::vector{TokenClass::special, TokenClass::fragment, TokenClass::fragment,
                                 TokenClass::continuation});
    prompts.text = {""};
    CHECK(classify_tokens(prompts, tokens)[1] == TokenClass::no_text);
}

TEST_CASE("Position bins are four to the octave and rise one by one") {
    CHECK(position_bin(0) == 0);
    CHECK(position_bin(7) == 7);
    CHECK(position_bin(8) == position_bin(9));
    CHECK(position_bin(15) == 11);
    CHECK(position_bin(16) == 12);
    for (std::uint32_t p = 0; p < 5000; ++p) {
        const std::uint32_t step = position_bin(p + 1) - position_bin(p);
        CHECK((step == 0 || step == 1));
    }
    CHECK(position_bin(0xffffffffu) < 128);
}

TEST_CASE("Generated tokens are of a class where the trace says their text") {
    PromptTable prompts;
    prompts.text = {"head"};
    // "head" + "ache 5", of the last token no place is known.
    TokenTable tokens = table_of({{0, 4}, {4, 8}, {8, 10}, {0, 0}});
    for (std::size_t t = 1; t < 4; ++t) tokens.phase[t] = kPhaseGenerated;
    CHECK(classify_tokens(prompts, tokens)[3] == TokenClass::no_text);
    prompts.extra[kGeneratedColumn] = {"ache 5"};
    CHECK(classify_tokens(prompts, tokens) == std::vector{TokenClass::word_start,
                                                          TokenClass::continuation,
                                                          TokenClass::digit, TokenClass::no_text});
    // A prompt of ids has none, whatever stands behind it.
    prompts.text = {""};
    CHECK(classify_tokens(prompts, tokens)[0] == TokenClass::no_text);
}
