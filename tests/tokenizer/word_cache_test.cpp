#include "model/tokenizer/models/word_cache.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

std::vector<WordToken> tokens_for(std::uint32_t number) {
    return {{number, 0, 1}, {7, 1, 2}};
}

}  // namespace

TEST_CASE("a word is found with its tokens, another is not") {
    WordCache cache;
    cache.insert("abc", tokens_for(5));
    REQUIRE(cache.find("abc"));
    CHECK(cache.find("abc")->size() == 2);
    CHECK(cache.find("abc")->front().id == 5);
    CHECK_FALSE(cache.find("abd"));
    CHECK_FALSE(cache.find("ab"));
}

TEST_CASE("more words than fit make it forget, never lie") {
    WordCache cache;
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        const std::string word = "word" + std::to_string(i);
        cache.insert(word, tokens_for(i));
        REQUIRE(cache.find(word)->front().id == i);
    }
    std::size_t remembered = 0;
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        const auto found = cache.find("word" + std::to_string(i));
        if (!found) continue;
        ++remembered;
        REQUIRE(found->front().id == i);
    }
    CHECK(remembered > 0);
    CHECK(remembered < 100'000);
}

TEST_CASE("very long words are not kept") {
    WordCache cache;
    const std::string word(300, 'x');
    cache.insert(word, tokens_for(1));
    CHECK_FALSE(cache.find(word));
}
