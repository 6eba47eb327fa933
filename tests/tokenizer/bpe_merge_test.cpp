#include "model/tokenizer/models/bpe_merge.h"

#include <algorithm>
#include <chrono>
#include <random>

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

std::vector<Symbol> symbols_of(const std::vector<std::uint32_t>& ids) {
    std::vector<Symbol> symbols;
    for (const std::uint32_t id : ids) symbols.push_back({id, 1});
    return symbols;
}

std::vector<std::uint32_t> ids_of(const std::vector<Symbol>& symbols) {
    std::vector<std::uint32_t> ids;
    for (const Symbol& symbol : symbols) ids.push_back(symbol.id);
    return ids;
}

// The definition, word for word: find the pair of smallest rank, leftmost first, and replace it.
std::vector<std::uint32_t> merge_slowly(std::vector<std::uint32_t> ids,
                                        const std::vector<Merge>& merges) {
    for (;;) {
        const Merge* best = nullptr;
        std::size_t best_at = 0;
        for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
            for (const Merge& merge : merges) {
                if (merge.left == ids[i] && merge.right == ids[i + 1] &&
                    (best == nullptr || merge.rank < best->rank)) {
                    best = &merge;
                    best_at = i;
                }
            }
        }
        if (best == nullptr) return ids;
        ids[best_at] = best->merged;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
    }
}

// Merges over letters 0 to 3 and over what earlier merges made.
std::vector<Merge> random_merges(std::mt19937& random, std::uint32_t count) {
    std::vector<Merge> merges;
    for (std::uint32_t rank = 0; rank < count; ++rank) {
        std::uniform_int_distribution<std::uint32_t> id(0, 3 + rank);
        const Merge merge{id(random), id(random), rank, 4 + rank};
        const auto same_pair = [&](const Merge& other) {
            return other.left == merge.left && other.right == merge.right;
        };
        if (std::none_of(merges.begin(), merges.end(), same_pair)) merges.push_back(merge);
    }
    return merges;
}

}  // namespace

TEST_CASE("the merge of the smallest rank goes first, the leftmost of equals") {
    const MergeTable table(std::vector<Merge>{{1, 2, 1, 12}, {2, 3, 0, 23}, {1, 23, 2, 123}});
    auto word = symbols_of({1, 2, 3, 1, 2});
    merge_symbols(word, table);
    CHECK(ids_of(word) == std::vector<std::uint32_t>{123, 12});
    CHECK(word[0].bytes == 3);

    const MergeTable twins(std::vector<Merge>{{7, 7, 0, 77}});
    auto odd = symbols_of({7, 7, 7});
    merge_symbols(odd, twins);
    CHECK(ids_of(odd) == std::vector<std::uint32_t>{77, 7});
}

TEST_CASE("of two merges of one pair the later counts") {
    const MergeTable table(std::vector<Merge>{{1, 2, 0, 5}, {1, 2, 1, 6}});
    REQUIRE(table.find(1, 2) != nullptr);
    CHECK(table.find(1, 2)->merged == 6);
    CHECK(table.find(2, 1) == nullptr);
}

TEST_CASE("short and long words merge as the definition says") {
    std::mt19937 random(5);
    for (const std::size_t length : {2, 5, 40, 95, 96, 97, 150, 400}) {
        for (int round = 0; round < 10; ++round) {
            const auto merges = random_merges(random, 24);
            const MergeTable table(merges);
            std::vector<std::uint32_t> ids(length);
            for (std::uint32_t& id : ids) id = random() % 4;
            auto word = symbols_of(ids);
            merge_symbols(word, table);
            CHECK(ids_of(word) == merge_slowly(ids, merges));
            std::size_t bytes = 0;
            for (const Symbol& symbol : word) bytes += symbol.bytes;
            CHECK(bytes == length);
        }
    }
}

TEST_CASE("a word of a million letters takes seconds at most") {
    const MergeTable table(std::vector<Merge>{{0, 0, 0, 1}, {1, 1, 1, 2}, {2, 2, 2, 3}});
    auto word = symbols_of(std::vector<std::uint32_t>(1'000'000, 0));
    const auto start = std::chrono::steady_clock::now();
    merge_symbols(word, table);
    CHECK(word.size() == 125'000);
    // Measured 0.15 s; a quadratic merge would take hours.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}
