#include "model/tokenizer_training/train_tokenizer.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "model/tokenizer/tokenizer.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;

namespace {

TrainedTokenizer train(const std::vector<LanguageText>& texts, TokenizerTraining options) {
    Progress progress;
    return train_tokenizer(texts, options, progress);
}

Tokenizer opened(const TrainedTokenizer& trained, const test::TemporaryFolder& folder) {
    write_tokenizer(trained, folder.path());
    return Tokenizer::open(folder.path());
}

}  // namespace

TEST_CASE("Combining marks and joiners stay with their letters") {
    // Devanagari with vowel signs and virama, Thai with vowel and tone marks, Persian with a
    // zero-width non-joiner, decomposed Latin that NFC does not compose.
    for (const char* word : {"हिन्दी", "ที่", "می\u200cروم", "x\u0301y\u0301"}) {
        const test::TemporaryFolder folder;
        const TrainedTokenizer trained = train({{word, "x"}}, {.vocabulary = 400});
        CAPTURE(word);
        CHECK(trained.words == 1);
        CHECK(opened(trained, folder).encode(word).size() == 1);
    }
}

TEST_CASE("A trained tokenizer gives back every text, also of scripts that it has never seen") {
    const test::TemporaryFolder folder;
    const Tokenizer tokenizer =
        opened(train({{"the cat sat on the mat, the end.", "en"}}, {.vocabulary = 270}), folder);
    CHECK(tokenizer.vocab_size() == 270);
    CHECK(tokenizer.token_text(*tokenizer.eos()) == kEndOfText);
    CHECK(*tokenizer.eos() == 269);
    for (const char* text :
         {"the cat", "  two  spaces\n\n", "医生 12,5 — Ünïcödé", "हिन्दी🙂"}) {
        CHECK(tokenizer.decode(tokenizer.encode(text).ids) == text);
    }
    CHECK(tokenizer.encode("the").size() == 1);
}

TEST_CASE("A small language gets its words where languages count equally") {
    // "qq" and its kind make up a hundredth of the text.
    std::string large;
    for (int i = 0; i < 400; ++i) {
        large += static_cast<char>('a' + i % 16);
        large += static_cast<char>('a' + i / 25);
        large += ' ';
    }
    const std::vector<LanguageText> texts = {{large, "big"}, {"qqqq qqqq", "small"}};
    const test::TemporaryFolder one, other;
    const auto tokens = [&](LanguageWeight weight, const test::TemporaryFolder& folder) {
        return opened(train(texts, {.vocabulary = 263, .weight = weight}), folder)
            .encode("qqqq")
            .size();
    };
    CHECK(tokens(LanguageWeight::equal, one) == 1);
    CHECK(tokens(LanguageWeight::size, other) > 1);
}

TEST_CASE("The result does not depend on the order of the texts") {
    const std::vector<LanguageText> texts = {
        {"une petite maison", "fr"}, {"a small house", "en"}, {"ein kleines Haus", "de"}};
    const std::vector<LanguageText> turned = {texts[2], texts[0], texts[1]};
    const auto definition = [](const std::vector<LanguageText>& t) {
        return train(t, {.vocabulary = 290}).definition.dump();
    };
    CHECK(definition(texts) == definition(turned));
}

TEST_CASE("Too small a vocabulary and malformed text are refused") {
    CHECK_THROWS_AS(train({{"abc", "en"}}, {.vocabulary = 256}), UserError);
    CHECK_THROWS_AS(train({{"ab\xff", "en"}}, {.vocabulary = 300}), UserError);
    CHECK(train({{"abc", "en"}}, {.vocabulary = 1000}).vocabulary == 259);
}

TEST_CASE("Languages share by size, by its square root, or equally") {
    const std::vector<std::uint64_t> sizes = {900, 100, 0};
    CHECK(language_shares(sizes, LanguageWeight::size) == std::vector<double>{0.9, 0.1, 0});
    CHECK(language_shares(sizes, LanguageWeight::square_root) ==
          std::vector<double>{0.75, 0.25, 0});
    CHECK(language_shares(sizes, LanguageWeight::equal) == std::vector<double>{0.5, 0.5, 0});
}
