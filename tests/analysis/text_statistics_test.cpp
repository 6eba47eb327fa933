#include "analysis/text_statistics.h"

#include <cmath>

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

TextStatistics statistics_of(const std::string& text, PromptTokens tokens) {
    PromptTable table;
    table.text = {text};
    TokenSelection selection;
    selection.prompts = {tokens};
    const std::vector<std::uint32_t> prompts = {0};
    return text_statistics(table, selection, prompts);
}

}  // namespace

TEST_CASE("Words are separated by white space of any script") {
    CHECK(count_text("").words == 0);
    CHECK(count_text("  one two\tthree\n").words == 3);
    CHECK(count_text("un\u00a0deux\u3000trois").words == 3);
    CHECK(count_text("où ça").characters == 4);
}

TEST_CASE("Fertility is tokens per word") {
    const TextStatistics s = statistics_of("my chest hurts", {6, 6, 0, 14});
    CHECK(s.fertility == 2);
    CHECK(s.tokens_per_character == 0.5);
    CHECK(s.byte_fragments == 0);
}

TEST_CASE("Scripts without spaces between words have no fertility") {
    const TextStatistics s = statistics_of("我胸口疼", {4, 6, 3, 12});
    CHECK(std::isnan(s.fertility));
    CHECK(s.tokens_per_character == 1.5);
    CHECK(s.byte_fragments == 0.5);
}

TEST_CASE("Of a truncated prompt only the covered text counts") {
    CHECK(statistics_of("one two three four", {2, 2, 0, 7}).fertility == 1);
}

TEST_CASE("Prompts of token ids have no text to measure") {
    CHECK(std::isnan(statistics_of("", {5, 5, 0, 0}).byte_fragments));
}
