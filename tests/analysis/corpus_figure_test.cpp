#include "analysis/figures/corpus_figure.h"

#include <cmath>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/support/figure_checks.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Approx;

namespace {

CorpusRow row(const std::string& language, const std::string& source, std::uint64_t tokens) {
    return {language, source, "", {10, 40 * tokens, 50 * tokens, tokens}};
}

CorpusStatistics corpus_of(std::vector<CorpusRow> rows) {
    CorpusStatistics corpus;
    for (const CorpusRow& one : rows) corpus.total += one.count;
    corpus.rows = std::move(rows);
    return corpus;
}

Figure draw(const CorpusStatistics& corpus) {
    CorpusFigureOptions options;
    options.languages = &LanguageTable::instance();
    return corpus_figure(corpus, options, light_theme(), plain_meter());
}

// The bar of a language, source or domain.
Rect bar(const Figure& figure, const std::string& kind, const std::string& group) {
    for (const Mark& mark : figure.marks) {
        if (mark.datum < 0) continue;
        const Datum& datum = figure.data[static_cast<std::size_t>(mark.datum)];
        if (datum.kind == kind && datum.group == group) return std::get<RectShape>(mark.shape).rect;
    }
    FAIL("no bar for " << kind << " " << group);
    return {};
}

}  // namespace

TEST_CASE("a corpus of all languages keeps to its page and no labels run into each other") {
    std::vector<CorpusRow> rows;
    std::uint64_t tokens = 3;
    for (const Language& language : LanguageTable::instance().all()) {
        rows.push_back(row(language.code, "a source with a rather long name of its own", tokens));
        rows.push_back(row(language.code, "web", tokens / 3));
        tokens = tokens * 5 / 4 + 7;
    }
    const Figure figure = draw(corpus_of(rows));
    CHECK(marks_outside(figure, plain_meter()).empty());
    CHECK(overlapping_labels(figure, plain_meter()).empty());
    CHECK(figure.data.size() == 52);
}

TEST_CASE("ten times as many tokens make a bar longer by one decade, whatever the language") {
    const Figure figure = draw(
        corpus_of({row("en", "web", 100'000), row("fr", "web", 10'000), row("sw", "web", 1'000)}));
    const double longest = bar(figure, "language", "en").width;
    const double middle = bar(figure, "language", "fr").width;
    const double shortest = bar(figure, "language", "sw").width;
    CHECK(longest - middle == Approx(middle - shortest));
    CHECK(shortest > 0);
    CHECK(figure.title == "3 languages, 111,000 tokens: English has 100 times as many as Swahili");
}

TEST_CASE("a source's bar is as long as its share") {
    const Figure figure = draw(corpus_of({row("en", "web", 300), row("en", "book", 100)}));
    CHECK(bar(figure, "source", "web").width == Approx(3 * bar(figure, "source", "book").width));
    const Datum& web = figure.data[1];
    CHECK(web.group == "web");
    CHECK(web.values.back().name == "share");
    CHECK(web.values.back().number == 0.75);
}

TEST_CASE("a language without tokens has no bar and says so") {
    const Figure figure = draw(corpus_of({row("en", "web", 300), row("fr", "web", 0)}));
    CHECK(bar(figure, "language", "fr").width == 0);
    CHECK(marks_outside(figure, plain_meter()).empty());
}
