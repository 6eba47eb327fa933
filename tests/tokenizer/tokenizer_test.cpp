#include "model/tokenizer/tokenizer.h"

#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "tests/tokenizer/tiny_tokenizer.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Ids = std::vector<std::uint32_t>;

namespace {

Json with_frame() {
    Json definition = test::byte_level_definition({{"a", "b"}});
    definition["added_tokens"] = {test::added_token("<s>", {"special"}),
                                  test::added_token("</s>", {"special"})};
    definition["post_processor"] = {
        {"type", "TemplateProcessing"},
        {"single",
         {{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}},
          {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
        {"special_tokens", {{"<s>", {{"id", "<s>"}, {"ids", {257}}, {"tokens", {"<s>"}}}}}}};
    return definition;
}

}  // namespace

TEST_CASE("merged bytes are one token and keep their byte offsets") {
    const Tokenizer tokenizer = test::open_definition(
        test::byte_level_definition({{"a", "b"}, {"\u0120", "ab"}, {"ab", "c"}}));
    const Encoding found = tokenizer.encode("abc ab");
    CHECK(found.ids == Ids{258, 257});
    CHECK(found.begin == Ids{0, 3});
    CHECK(found.end == Ids{3, 6});
    CHECK(found.special == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("a token that holds part of a character covers the whole character") {
    const Tokenizer tokenizer = test::open_definition(test::byte_level_definition({}));
    const Encoding found = tokenizer.encode("a\u20acb");  // the euro sign has three bytes
    CHECK(found.begin == Ids{0, 1, 1, 1, 4});
    CHECK(found.end == Ids{1, 4, 4, 4, 5});
}

TEST_CASE("a mark that NFC swallows belongs to its base") {
    Json definition = test::byte_level_definition({});
    definition["normalizer"] = {{"type", "NFC"}};
    const Encoding found = test::open_definition(definition).encode("e\u0301x");
    CHECK(found.ids == Ids{0xc3, 0xa9, 'x'});  // U+00E9 and x
    CHECK(found.begin == Ids{0, 0, 3});
    CHECK(found.end == Ids{3, 3, 4});
}

TEST_CASE("the post-processor's tokens are special and have no place in the text") {
    const Encoding found = test::open_definition(with_frame()).encode("ab");
    CHECK(found.ids == Ids{257, 256});
    CHECK(found.special == std::vector<std::uint8_t>{1, 0});
    CHECK(found.begin == Ids{0, 0});
    CHECK(found.end == Ids{0, 2});
}

TEST_CASE("add-bos no gives bare ids, yes adds a BOS only where none is") {
    const Tokenizer framed = test::open_definition(with_frame());
    CHECK(framed.bos() == 257);
    CHECK(framed.encode("ab", AddBos::no).ids == Ids{256});
    CHECK(framed.encode("ab", AddBos::yes).ids == Ids{257, 256});

    Json definition = with_frame();
    definition.erase("post_processor");
    const test::TokenizerFolder folder(definition);
    CHECK(folder.open().encode("ab").ids == Ids{256});
    CHECK_THROWS_AS(folder.open().encode("ab", AddBos::yes), UserError);
    test::write_text(folder.path() / "tokenizer_config.json",
                     R"({"bos_token": {"content": "<s>"}, "eos_token": "</s>"})");
    const Tokenizer tokenizer = folder.open();
    CHECK(tokenizer.encode("ab", AddBos::yes).ids == Ids{257, 256});
    CHECK(tokenizer.encode("ab", AddBos::yes).special.front() == 1);
    CHECK(tokenizer.eos() == 258);
}

TEST_CASE("an empty text has no tokens but the frame") {
    CHECK(test::open_definition(test::byte_level_definition({})).encode("").size() == 0);
    CHECK(test::open_definition(with_frame()).encode("").ids == Ids{257});
}

TEST_CASE("text that is not UTF-8 is refused with the byte offset") {
    const Tokenizer tokenizer = test::open_definition(test::byte_level_definition({}));
    CHECK_THROWS_MATCHES(tokenizer.encode("abc\xff"), UserError,
                         MessageMatches(ContainsSubstring("byte 3")));
}

TEST_CASE("half a character decodes to its bytes, and with its other half to the character") {
    const Tokenizer tokenizer = test::open_definition(test::byte_level_definition({}));
    CHECK(tokenizer.token_text(0xc3) == "\xc3");
    CHECK(tokenizer.decode({0xc3, 0xa9}) == "\u00e9");
    CHECK(tokenizer.token_text(4711).empty());
}

TEST_CASE("the id depends on what the files say, the vocabulary's size on added tokens too") {
    const Json plain = test::byte_level_definition({{"a", "b"}});
    const test::TokenizerFolder one(plain);
    const test::TokenizerFolder same(plain);
    const test::TokenizerFolder other(with_frame());
    CHECK(one.open().id() == same.open().id());
    CHECK(one.open().id() != other.open().id());
    CHECK(one.open().vocab_size() == 257);
    CHECK(other.open().vocab_size() == 259);
}

TEST_CASE("several threads may encode at once") {
    const Tokenizer tokenizer = test::open_definition(
        test::byte_level_definition({{"a", "b"}, {"ab", "c"}, {"\u0120", "abc"}}));
    std::string text;
    for (int i = 0; i < 2000; ++i) text += " abc" + std::to_string(i % 300);
    const Ids expected = tokenizer.encode(text).ids;
    std::vector<Ids> found(4);
    std::vector<std::thread> threads;
    for (Ids& ids : found) {
        threads.emplace_back([&] { ids = tokenizer.encode(text).ids; });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Ids& ids : found) CHECK(ids == expected);
}

TEST_CASE("a folder without tokenizer files, or no folder at all, is named") {
    const test::TemporaryFolder empty;
    CHECK_THROWS_MATCHES(Tokenizer::open(empty.path()), UserError,
                         MessageMatches(ContainsSubstring(empty.path().string())));
    CHECK_THROWS_AS(Tokenizer::open(empty / "nowhere"), UserError);
}

TEST_CASE("vocab.json without a word on its pipeline is refused, with one it is read") {
    const test::TemporaryFolder folder;
    test::write_text(folder / "vocab.json", R"({"a": 0, "b": 1, "ab": 2, "\u0120": 3})");
    test::write_text(folder / "merges.txt", "#version: 0.2\na b\n");
    CHECK_THROWS_MATCHES(Tokenizer::open(folder.path()), UserError,
                         MessageMatches(ContainsSubstring("merges.txt")));
    test::write_text(folder / "tokenizer_config.json", R"({
        "tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|end|>",
        "added_tokens_decoder": {"4": {"content": "<|end|>", "special": true}}})");
    const Tokenizer tokenizer = Tokenizer::open(folder.path());
    CHECK(tokenizer.encode("ab<|end|>").ids == Ids{2, 4});
    CHECK(tokenizer.eos() == 4);
}
