#include "model/tokenizer/added_tokens.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/tokenizer/tiny_tokenizer.h"

using namespace alluvium;
using Ids = std::vector<std::uint32_t>;

namespace {

// 256 tokens of the model, then the added ones in the order given.
Tokenizer with_added(const std::vector<Json>& tokens) {
    Json definition = test::byte_level_definition({});
    definition["added_tokens"] = Json(tokens);
    return test::open_definition(definition);
}

}  // namespace

TEST_CASE("the longest added token wins, and the first place in the text before that") {
    const Tokenizer tokenizer =
        with_added({test::added_token("<b>", {}), test::added_token("<b><i>", {}),
                    test::added_token("b><i>x", {})});
    CHECK(tokenizer.encode("<b><i>x").ids == Ids{257, 'x'});
    CHECK(tokenizer.encode("<b><b>").ids == Ids{256, 256});
}

TEST_CASE("lstrip and rstrip take the white space beside the token with them") {
    const Tokenizer left = with_added({test::added_token("<l>", {"lstrip"})});
    const Encoding found = left.encode("a \u3000<l> b");
    CHECK(found.ids == Ids{'a', 256, ' ', 'b'});
    CHECK(found.begin == Ids{0, 1, 8, 9});
    const Tokenizer right = with_added({test::added_token("<r>", {"rstrip"})});
    CHECK(right.encode("a <r>\n b").ids == Ids{'a', ' ', 256, 'b'});
}

TEST_CASE("white space between two greedy tokens goes to the first") {
    const Tokenizer tokenizer =
        with_added({test::added_token("<l>", {"lstrip"}), test::added_token("<r>", {"rstrip"})});
    const Encoding found = tokenizer.encode("<r>  <l>");
    CHECK(found.ids == Ids{257, 256});
    CHECK(found.end == Ids{5, 8});
    CHECK(found.begin == Ids{0, 5});
}

TEST_CASE("a single-word token is not found inside a word") {
    const Tokenizer tokenizer = with_added({test::added_token("ab", {"single_word"})});
    CHECK(tokenizer.encode("ab, ab").ids == Ids{256, ',', ' ', 256});
    CHECK(tokenizer.encode("abc").ids == Ids{'a', 'b', 'c'});
    CHECK(tokenizer.encode("\u00e9ab").ids == Ids{0xc3, 0xa9, 'a', 'b'});
    CHECK(tokenizer.encode("_ab").ids == Ids{'_', 'a', 'b'});
}

TEST_CASE("a normalized token is looked for in the normalised text, others in the raw one") {
    Json definition = test::byte_level_definition({});
    definition["normalizer"] = {{"type", "Lowercase"}};
    definition["added_tokens"] = {test::added_token("Day", {"normalized"}),
                                  test::added_token("NOW", {})};
    const Tokenizer tokenizer = test::open_definition(definition);
    CHECK(tokenizer.encode("DAY day").ids == Ids{256, ' ', 256});
    CHECK(tokenizer.encode("NOW now").ids == Ids{257, ' ', 'n', 'o', 'w'});
}

TEST_CASE("ids come from the vocabulary or count on from its size, whatever the file says") {
    Json known = test::added_token("a", {"special"});
    known["id"] = 9000;
    const Tokenizer tokenizer = with_added({known, test::added_token("<new>", {})});
    CHECK(tokenizer.encode("a<new>").ids == Ids{'a', 256});
    CHECK(tokenizer.vocab_size() == 257);
}
