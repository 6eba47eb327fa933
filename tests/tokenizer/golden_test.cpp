#include <catch2/catch_test_macros.hpp>

#include "tests/tokenizer/tiny_tokenizer.h"

using namespace alluvium;

namespace {

using Ids = std::vector<std::uint32_t>;

void check_text(const Tokenizer& tokenizer, const Json& text) {
    const auto given = text["text"].get<std::string>();
    INFO("text " << text["text"].dump(-1, ' ', true));
    const Encoding found = tokenizer.encode(given, AddBos::no);
    CHECK(found.ids == text["ids"].get<Ids>());
    CHECK(found.begin == text["begin"].get<Ids>());
    CHECK(found.end == text["end"].get<Ids>());
    CHECK(tokenizer.encode(given).ids == text["framed"].get<Ids>());
    const auto decoded = text["decoded"].get<std::string>();
    // The reference shows U+FFFD for half characters, which here stay halves.
    if (decoded.find("\ufffd") == std::string::npos) CHECK(tokenizer.decode(found.ids) == decoded);
}

}  // namespace

TEST_CASE("every stage gives the reference library's ids, offsets and decoded text", "[golden]") {
    const Json golden = read_json(ALLUVIUM_SOURCE_DIR "/tests/golden/tokenizer/variants.json");
    REQUIRE(golden["cases"].size() > 80);
    for (const Json& test : golden["cases"]) {
        INFO("definition " << test["name"]);
        Json definition = test["definition"];
        definition["model"] = golden["models"][definition["model"].get<std::size_t>()];
        const Tokenizer tokenizer = test::open_definition(definition);
        for (const Json& text : test["texts"]) check_text(tokenizer, text);
    }
}
