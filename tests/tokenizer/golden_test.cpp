#include <catch2/catch_test_macros.hpp>

#include "tests/tokenizer/tiny_tokenizer.h"

using namespace alluvium;

namespace {

using Ids = std::vector<std::uint32_t>;

Json golden(const char* name) {
    return read_json(std::string(ALLUVIUM_SOURCE_DIR "/tests/golden/tokenizer/") + name);
}

Encoding check_bare(const Tokenizer& tokenizer, const Json& text) {
    Encoding found = tokenizer.encode(text["text"].get<std::string>(), AddBos::no);
    CHECK(found.ids == text["ids"].get<Ids>());
    CHECK(found.begin == text["begin"].get<Ids>());
    CHECK(found.end == text["end"].get<Ids>());
    return found;
}

void check_text(const Tokenizer& tokenizer, const Json& text) {
    INFO("text " << text["text"].dump(-1, ' ', true));
    const Encoding found = check_bare(tokenizer, text);
    if (!text.contains("framed")) return;
    CHECK(tokenizer.encode(text["text"].get<std::string>()).ids == text["framed"].get<Ids>());
    const auto decoded = text["decoded"].get<std::string>();
    // The reference shows U+FFFD for half characters, which here stay halves.
    if (decoded.find("\ufffd") == std::string::npos) CHECK(tokenizer.decode(found.ids) == decoded);
}

}  // namespace

TEST_CASE("every stage gives the reference library's ids, offsets and decoded text", "[golden]") {
    const Json expected = golden("variants.json");
    REQUIRE(expected["cases"].size() > 80);
    for (const Json& test : expected["cases"]) {
        INFO("definition " << test["name"]);
        Json definition = test["definition"];
        definition["model"] = expected["models"][definition["model"].get<std::size_t>()];
        const Tokenizer tokenizer = test::open_definition(definition);
        for (const Json& text : test["texts"]) check_text(tokenizer, text);
    }
}

TEST_CASE("SentencePiece models give the sentencepiece package's ids and offsets", "[golden]") {
    const Json expected = golden("sentencepiece.json");
    REQUIRE(expected["cases"].size() >= 12);
    for (const Json& test : expected["cases"]) {
        INFO("model " << test["name"]);
        const test::TemporaryFolder folder;
        test::write_text(folder / "tokenizer.model",
                         test::from_hex(test["model"].get<std::string>()));
        const Tokenizer tokenizer = Tokenizer::open(folder.path());
        for (const Json& text : test["texts"]) check_text(tokenizer, text);
    }
}

TEST_CASE("tiktoken files give the tiktoken package's ids under every encoding", "[golden]") {
    const Json expected = golden("tiktoken.json");
    REQUIRE(expected["cases"].size() == 3);
    for (const Json& test : expected["cases"]) {
        INFO("encoding " << test["name"]);
        const test::TemporaryFolder folder;
        test::write_text(folder / (test["name"].get<std::string>() + "_base.tiktoken"),
                         expected["file"].get<std::string>());
        const Tokenizer tokenizer = Tokenizer::open(folder.path());
        CHECK(tokenizer.kind() == "byte-level BPE");
        for (const Json& text : test["texts"]) {
            check_text(tokenizer, text);
            const auto given = text["text"].get<std::string>();
            CHECK(tokenizer.decode(tokenizer.encode(given).ids) == given);
        }
    }
}
