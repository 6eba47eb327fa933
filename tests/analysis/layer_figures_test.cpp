// The figures of load, similarity and tokens, and what they are made from.
#include <map>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/analyze.h"
#include "analysis/figures/load_figure.h"
#include "analysis/figures/similarity_figure.h"
#include "analysis/figures/tokens_figure.h"
#include "base/error.h"
#include "tests/support/figure_checks.h"
#include "tests/support/language_trace.h"
#include "tests/support/planted_languages.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

TracePtr language_trace() {
    return make_trace(language_trace_data({}));
}

Analysis analysed(const TracePtr& trace) {
    AnalysisOptions options;
    options.controls = ControlOptions::none();
    Progress progress;
    return analyze(*trace, options, progress);
}

void check_page(const Figure& figure) {
    CHECK(overlapping_labels(figure, plain_meter()).empty());
    const std::vector<std::string> outside = marks_outside(figure, plain_meter());
    INFO((outside.empty() ? "" : outside.front()));
    CHECK(outside.empty());
}

LayerTokens tokens_of(const TracePtr& trace, LayerTokensOptions options = {}) {
    Progress progress;
    return read_layer_tokens(*trace, options, {}, progress);
}

}  // namespace

TEST_CASE("The load figure has a cell for every expert, most used first") {
    const Analysis analysis = analysed(language_trace());
    for (const Theme& theme : {light_theme(), dark_theme()}) {
        const Figure figure = load_figure(analysis, {}, theme, plain_meter());
        check_page(figure);
        double last = 1e300, total = 0;
        for (const Datum& datum : figure.data) {
            if (datum.kind != "cell" || datum.layer != 7) continue;
            const double ratio = value_of(datum, "load / mean")->number;
            CHECK(ratio <= last);
            last = ratio;
            total += ratio;
        }
        CHECK(total == Catch::Approx(12));
        const Datum* row = find_datum(figure, "layer", 7, -1, "");
        REQUIRE(row != nullptr);
        CHECK(value_of(*row, "max / mean - 1")->number == analysis.layers[7].load.max_vio);
    }
}

TEST_CASE("The load figure fits 48 layers of 128 experts") {
    LanguageTrace plan;
    plan.layers = 48;
    plan.experts = 128;
    const Analysis analysis = analysed(make_trace(language_trace_data(plan)));
    check_page(load_figure(analysis, {}, light_theme(), plain_meter()));
    check_page(load_figure(analysis, {.looks = {}, .width = 420}, light_theme(), plain_meter()));
}

TEST_CASE("The similarity figure shows the mean over layers, or one layer") {
    const Analysis analysis = analysed(language_trace());
    SimilarityOptions options;
    options.looks = group_looks(analysis, language_table());
    const Figure mean = similarity_figure(analysis, options, light_theme(), plain_meter());
    check_page(mean);
    double expected = 0;
    for (const LayerAnalysis& layer : analysis.layers) expected += layer.pairwise(0, 1) / 8;
    const std::string pair = analysis.groups[0].label + ", " + analysis.groups[1].label;
    const Datum* datum = find_datum(mean, "pair", -1, -1, pair);
    REQUIRE(datum != nullptr);
    CHECK(value_of(*datum, "divergence")->number == Catch::Approx(expected));
    options.layer = 7;
    const Figure last = similarity_figure(analysis, options, dark_theme(), plain_meter());
    check_page(last);
    datum = find_datum(last, "pair", 7, -1, pair);
    REQUIRE(datum != nullptr);
    CHECK(value_of(*datum, "divergence")->number == analysis.layers[7].pairwise(0, 1));
    options.layer = 8;
    CHECK_THROWS_AS(similarity_figure(analysis, options, light_theme(), plain_meter()), UserError);
}

TEST_CASE("The similarity figure fits 50 languages") {
    LanguageTrace plan;
    plan.languages = language_codes(50);
    plan.layers = 6;
    const Analysis analysis = analysed(make_trace(language_trace_data(plan)));
    SimilarityOptions options;
    options.looks = group_looks(analysis, language_table());
    check_page(similarity_figure(analysis, options, light_theme(), plain_meter()));
}

TEST_CASE("Expert vocabularies are counted by hand") {
    TraceData data;
    data.header.prompts = planted::prompts({.languages = 1, .groups = 1, .tokens = 6});
    data.header.prompts.text[0] = "aabbab";
    data.tokens = planted::tokens({.languages = 1, .groups = 1, .tokens = 6});
    data.tokens.id = {1, 1, 2, 2, 1, 2};
    for (std::uint32_t t = 0; t < 6; ++t) {
        data.tokens.byte_begin[t] = t;
        data.tokens.byte_end[t] = t + 1;
    }
    data.header.token_count = 6;
    data.header.layers.push_back({.layer = 0, .experts = 2, .top_k = 1});
    // a, a, b, b, a, b: expert 0 takes a, a and one b.
    data.layers.push_back({.experts = Grid<ExpertId>(6, 1, {0, 0, 1, 0, 1, 1})});
    const LayerTokens tokens = tokens_of(make_trace(data));
    REQUIRE(tokens.vocabulary.size() == 2);
    const ExpertVocabulary& zero = tokens.vocabulary[0];
    CHECK(zero.selections == 3);
    REQUIRE(zero.tokens.size() == 1);  // b is taken less often than at large
    CHECK(zero.tokens[0].text == "a");
    CHECK(zero.tokens[0].count == 2);
    CHECK(zero.tokens[0].lift == Catch::Approx((2.0 / 3) / 0.5));
}

TEST_CASE("The tokens figure shows a prompt of each language, in its direction") {
    const TracePtr trace = language_trace();
    LayerTokensOptions options;
    options.routed = 7;
    options.groups = {"ar", "fr", "th"};
    const LayerTokens tokens = tokens_of(trace, options);
    REQUIRE(tokens.prompts.size() == 3);
    CHECK(tokens.prompts[0].label == "ar");
    CHECK(tokens.prompts[0].right_to_left);
    for (const double width : {0.0, 420.0}) {
        TokensFigureOptions figure_options;
        figure_options.width = width;
        const Figure figure = tokens_figure(tokens, figure_options, light_theme(), plain_meter());
        check_page(figure);
        // The first token of Arabic stands at the right edge, that of French at the left.
        double arabic = 0, french = 0;
        for (const Mark& mark : figure.marks) {
            const auto* chip = std::get_if<RectShape>(&mark.shape);
            if (chip == nullptr || mark.datum < 0) continue;
            const Datum& datum = figure.data[static_cast<std::size_t>(mark.datum)];
            if (datum.group == "ar" && arabic == 0) arabic = chip->rect.x + chip->rect.width;
            if (datum.group == "fr" && french == 0) french = chip->rect.x;
        }
        CHECK(arabic == Catch::Approx(figure.width - 20));
        CHECK(french == Catch::Approx(90));
    }
    options.groups = {"xx"};
    CHECK_THROWS_AS(tokens_of(trace, options), UserError);
}

TEST_CASE("By class the tokens figure has a row of every class, the languages in turn") {
    TraceData data;
    data.header.prompts = planted::prompts({.languages = 2, .groups = 1, .tokens = 4});
    data.header.prompts.text = {"a,1b", "c2,d"};
    data.tokens = planted::tokens({.languages = 2, .groups = 1, .tokens = 4});
    for (std::uint32_t t = 0; t < 8; ++t) {
        data.tokens.id[t] = 10 + t;
        data.tokens.byte_begin[t] = t % 4;
        data.tokens.byte_end[t] = t % 4 + 1;
    }
    data.header.token_count = 8;
    data.header.layers.push_back({.layer = 0, .experts = 8, .top_k = 1});
    data.layers.push_back({.experts = Grid<ExpertId>(8, 1, {0, 1, 2, 3, 4, 5, 6, 7})});
    Progress progress;
    const LayerTokens tokens = read_layer_tokens(*make_trace(data), {}, {.by = "class"}, progress);
    std::map<std::string, std::string> rows;
    for (const PromptRoutes& row : tokens.prompts) {
        for (const RoutedToken& token : row.tokens) {
            rows[row.label] += token.text + std::to_string(token.experts[0]) + " ";
        }
    }
    // Of "a,1b" and "c2,d", whose tokens take experts 0 to 3 and 4 to 7.
    CHECK(rows["digit"] == "12 25 ");
    CHECK(rows["punctuation"] == ",1 ,6 ");
    CHECK(rows["word_start"] == "a0 c4 b3 d7 ");
    CHECK(rows.size() == 3);
    const Figure figure = tokens_figure(tokens, {}, light_theme(), plain_meter());
    check_page(figure);
    CHECK(has_text(figure, "punctuation"));
    LayerTokensOptions digits;
    digits.groups = {"digit"};
    CHECK(read_layer_tokens(*make_trace(data), digits, {.by = "class"}, progress).prompts.size() ==
          1);
}
