#include "model/tokenizer_training/learn_merges.h"

#include <algorithm>
#include <map>
#include <random>

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

LearnedMerges learn(const std::vector<CountedWord>& words, std::size_t merges) {
    Progress progress;
    return learn_merges(words, 256 + merges, progress);
}

std::vector<std::string> learned_tokens(const std::vector<CountedWord>& words, std::size_t merges) {
    const std::vector<std::string> tokens = learn(words, merges).tokens;
    return {tokens.begin() + 256, tokens.end()};
}

// The definition, word for word: count all pairs anew before every merge.
std::vector<std::string> learn_slowly(const std::vector<CountedWord>& words, std::size_t merges) {
    std::vector<std::vector<std::uint32_t>> symbols;
    std::vector<std::string> tokens;
    for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
    for (const CountedWord& word : words) {
        std::vector<std::uint32_t> ids;
        for (const char c : word.bytes) ids.push_back(static_cast<unsigned char>(c));
        symbols.push_back(ids);
    }
    while (tokens.size() < 256 + merges) {
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> counts;
        for (std::size_t w = 0; w < words.size(); ++w) {
            for (std::size_t i = 0; i + 1 < symbols[w].size(); ++i) {
                counts[{symbols[w][i], symbols[w][i + 1]}] += words[w].count;
            }
        }
        if (counts.empty()) break;
        const auto best = std::ranges::max_element(
            counts, [](const auto& a, const auto& b) { return a.second < b.second; });
        const auto [left, right] = best->first;
        const std::string bytes = tokens[left] + tokens[right];
        const auto known = std::ranges::find(tokens, bytes);
        const auto id = static_cast<std::uint32_t>(known - tokens.begin());
        if (known == tokens.end()) tokens.push_back(bytes);
        for (auto& word : symbols) {
            std::vector<std::uint32_t> next;
            for (std::size_t i = 0; i < word.size(); ++i) {
                const bool here = i + 1 < word.size() && word[i] == left && word[i + 1] == right;
                next.push_back(here ? id : word[i]);
                if (here) ++i;
            }
            word = next;
        }
    }
    return {tokens.begin() + 256, tokens.end()};
}

}  // namespace

TEST_CASE("The most frequent pair is merged first, again and again") {
    // es: 6+3 = 9, then es+t: 9, then lo: 5+2 = 7, lo+w: 7.
    const std::vector<CountedWord> words = {{"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}};
    CHECK(learned_tokens(words, 4) == std::vector<std::string>{"es", "est", "lo", "low"});
}

TEST_CASE("Among equally frequent pairs the one of smaller ids goes first") {
    CHECK(learned_tokens({{"xy", 3}, {"ab", 3}}, 1) == std::vector<std::string>{"ab"});
    CHECK(learned_tokens({{"ab", 3}, {"xy", 3}}, 1) == std::vector<std::string>{"ab"});
}

TEST_CASE("A pair that overlaps itself merges from the left") {
    const LearnedMerges learned = learn({{"aaaaa", 1}}, 2);
    CHECK(learned.tokens[256] == "aa");
    CHECK(learned.tokens[257] == "aaa");  // of aa|aa|a: (aa, a) and (aa, aa) tie, a's id is smaller
}

TEST_CASE("Learning ends where nothing is left to merge") {
    CHECK(learned_tokens({{"abc", 1}}, 100) == std::vector<std::string>{"ab", "abc"});
    CHECK(learned_tokens({}, 100).empty());
    CHECK(learned_tokens({{"a", 9}}, 100).empty());
}

TEST_CASE("Counts kept up to date give what counting anew gives") {
    std::mt19937 random(11);
    for (int round = 0; round < 60; ++round) {
        std::vector<CountedWord> words;
        for (int w = 0; w < 12; ++w) {
            std::string bytes;
            const auto length = 1 + random() % 9;
            for (std::size_t i = 0; i < length; ++i) {
                bytes.push_back(static_cast<char>('a' + random() % 3));
            }
            words.push_back({bytes, 1 + random() % 5});
        }
        CAPTURE(round);
        CHECK(learned_tokens(words, 40) == learn_slowly(words, 40));
    }
}
