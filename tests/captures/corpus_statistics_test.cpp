#include "captures/corpus_statistics.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

Prompt text(const std::string& words, const std::string& language, const std::string& source,
            const std::string& domain) {
    Prompt prompt;
    prompt.text = words;
    prompt.language = language;
    prompt.domain = domain;
    if (!source.empty()) prompt.extra["source"] = source;
    return prompt;
}

std::vector<Prompt> texts() {
    return {text("heat", "en", "web", "news"), text("été", "fr", "web", "news"),
            text("on", "en", "web", "news"), text("off", "en", "book", ""),
            text("水", "zh", "", "news")};
}

}  // namespace

TEST_CASE("Texts are counted by language, source and domain") {
    const CorpusStatistics corpus =
        corpus_statistics(texts(), std::vector<std::uint64_t>{4, 5, 2, 1, 1});
    REQUIRE(corpus.rows.size() == 4);
    const CorpusRow& web = corpus.rows[1];
    CHECK(web.language == "en");
    CHECK(web.source == "web");
    CHECK(web.count.texts == 2);
    CHECK(web.count.bytes == 6);
    CHECK(web.count.tokens == 6);
    const CorpusRow& french = corpus.rows[2];
    CHECK(french.count.characters == 3);
    CHECK(french.count.bytes == 5);
    CHECK(corpus.total.texts == 5);
    CHECK(corpus.total.tokens == 13);
}

TEST_CASE("Totals come largest first, equal ones by label") {
    const CorpusStatistics corpus =
        corpus_statistics(texts(), std::vector<std::uint64_t>{4, 7, 2, 1, 7});
    const std::vector<CorpusTotal> totals = totals_by(corpus, &CorpusRow::language);
    REQUIRE(totals.size() == 3);
    CHECK(totals[0].label == "en");
    CHECK(totals[0].count.tokens == 7);
    CHECK(totals[1].label == "fr");
    CHECK(totals[2].label == "zh");
    CHECK(totals_by(corpus, &CorpusRow::source).back().label == "book");
}

TEST_CASE("Without a tokenizer tokens are missing, not none, and bytes decide") {
    const CorpusStatistics corpus = corpus_statistics(texts(), {});
    CHECK_FALSE(corpus.has_tokens());
    CHECK_FALSE(corpus.rows.front().count.tokens);
    CHECK(totals_by(corpus, &CorpusRow::language).front().count.bytes == 9);
}
