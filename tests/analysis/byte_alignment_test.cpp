// Two tokenizers on the same texts.
#include "analysis/byte_alignment.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "analysis/comparison.h"
#include "analysis/comparison_json.h"
#include "base/error.h"
#include "captures/trace_data.h"

using namespace alluvium;
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Rows = std::vector<TokenPos>;
using Bytes = std::vector<std::uint32_t>;

namespace {

struct Token {
    std::uint32_t begin, end;
    ExpertId expert = 0;
    std::uint8_t special = 0;
};

// One routed layer of 4 experts, top 1.
TraceData trace_of(const std::vector<std::string>& texts,
                   const std::vector<std::vector<Token>>& prompts) {
    TraceData data;
    data.header.prompts.text = texts;
    std::vector<ExpertId> experts;
    for (std::size_t p = 0; p < texts.size(); ++p) {
        data.header.prompts.language.push_back(p % 2 == 0 ? "en" : "fr");
        data.header.prompts.token_count.push_back(static_cast<std::uint32_t>(prompts[p].size()));
        for (const Token& token : prompts[p]) {
            data.tokens.id.push_back(static_cast<std::uint32_t>(100 + experts.size()));
            data.tokens.byte_begin.push_back(token.begin);
            data.tokens.byte_end.push_back(token.end);
            data.tokens.special.push_back(token.special);
            experts.push_back(token.expert);
        }
    }
    data.header.layers = {{.layer = 2, .experts = 4, .top_k = 1}};
    const std::size_t rows = experts.size();
    data.layers.resize(1);
    data.layers[0].experts = Grid<ExpertId>(rows, 1, std::move(experts));
    return data;
}

ByteAlignment aligned(const TraceData& a, const TraceData& b) {
    return align_bytes(*make_trace(a), *make_trace(b), Progress{});
}

// "Hello world" and "aé b", cut in two ways; A starts each text with a token of its own.
const std::vector<std::string> kTexts{"Hello world", "aé b"};
TraceData a_trace() {
    return trace_of(kTexts, {{{0, 0, 3, 1}, {0, 5, 1}, {5, 11, 2}},
                             {{0, 0, 3, 1}, {0, 1, 0}, {1, 3, 1}, {1, 3, 2}, {3, 5, 3}}});
}
TraceData b_trace() {
    return trace_of(
        kTexts, {{{0, 2, 0}, {2, 5, 1}, {5, 6, 0}, {6, 11, 1}}, {{0, 3, 2}, {3, 4, 0}, {4, 5, 3}}});
}

}  // namespace

TEST_CASE("Spans end where a token of either tokenizer ends, with the last token of each") {
    const ByteAlignment spans = aligned(a_trace(), b_trace());
    // "Hello", " world"; "aé" (two tokens share é: the last one ends it), " b".
    CHECK(spans.row_a == Rows{1, 2, 6, 7});
    CHECK(spans.row_b == Rows{1, 3, 4, 6});
    CHECK(spans.spans.byte_begin == Bytes{0, 5, 0, 3});
    CHECK(spans.spans.byte_end == Bytes{5, 11, 3, 5});
    CHECK(spans.prompts.token_count == Bytes{2, 2});
    CHECK(spans.tokens_a == 6);
    CHECK(spans.tokens_b == 7);
    CHECK(spans.one_to_one == 0);
    CHECK(aligned(a_trace(), a_trace()).one_to_one == 4);
}

TEST_CASE("A token that reaches over another's end takes the end away") {
    const TraceData a = trace_of({"abcdef"}, {{{0, 2}, {2, 4}, {3, 6}}});
    const TraceData b = trace_of({"abcdef"}, {{{0, 2}, {2, 4}, {4, 6}}});
    CHECK(aligned(a, b).spans.byte_end == Bytes{2, 6});
}

TEST_CASE("Agreement by bytes is that of the spans' last tokens") {
    Progress progress;
    const TracePtr a = make_trace(a_trace()), b = make_trace(b_trace());
    const Comparison c = compare_by_bytes(*a, *b, nullptr, {}, progress);
    // 1 = 1, 2 != 1; 2 = 2, 3 = 3.
    CHECK(c.layers[0].tokens == 4);
    CHECK(c.layers[0].overlap == Approx(0.75));
    CHECK(c.groups[0].overlap == Approx(0.5));
    CHECK(c.groups[1].overlap == Approx(1));
    CHECK(c.changed_tokens[0].text == " world");
    CHECK_THAT(c.sentence, ContainsSubstring("4 spans"));
    CHECK(comparison_json(c)["alignment"]["tokens_b"] == 7);
    CHECK_THROWS_AS(compare_traces(*a, *b, nullptr, {}, progress), UserError);
}

TEST_CASE("A second run of the first trace is read at the spans of the first") {
    Progress progress;
    TraceData first = a_trace();
    first.layers[0].margin = {9, 9, 0.5F, 9, 9, 9, 9, 9};
    TraceData second = first;
    second.layers[0].experts(2, 0) = 0;  // at a margin of 0.5
    const Comparison c = compare_by_bytes(*make_trace(first), *make_trace(b_trace()),
                                          make_trace(second).get(), {}, progress);
    CHECK(c.layers[0].floor_margin == Approx(0.5).epsilon(0.01));  // buckets of 1/128
    CHECK(c.layers[0].flips == 1);
    CHECK(c.layers[0].flips_above_floor == 0);
}

TEST_CASE("Texts that differ, ids and unfinished prompts are told apart") {
    TraceData other = b_trace();
    other.header.prompts.text[1] = "aé c";
    CHECK_THROWS_MATCHES(
        aligned(a_trace(), other), UserError,
        MessageMatches(ContainsSubstring("prompt 2") && ContainsSubstring("another text")));
    TraceData ids = a_trace();
    ids.header.prompts.text = {"", ""};
    CHECK_THROWS_MATCHES(aligned(ids, ids), UserError,
                         MessageMatches(ContainsSubstring("token ids")));
    TraceData half = b_trace();
    half.header.prompts.done = {0, 1};
    const ByteAlignment spans = aligned(a_trace(), half);
    CHECK(spans.row_a == Rows{6, 7});
    CHECK(spans.prompts.done[0] == 0);
}

TEST_CASE("Two traces can be compared by the class of the tokens") {
    const TraceData a = trace_of({"one 22", "un 22"}, {{{0, 3, 1}, {3, 4, 2}, {4, 6, 3}},
                                                       {{0, 2, 1}, {2, 3, 2}, {3, 5, 3}}});
    TraceData b = a;
    b.layers[0].experts(2, 0) = 0;  // one of the two numbers
    Progress progress;
    AnalysisOptions options;
    options.by = "class";
    const Comparison c = compare_traces(*make_trace(a), *make_trace(b), nullptr, options, progress);
    std::map<std::string, double> overlap;
    for (const GroupComparison& group : c.groups) overlap[group.label] = group.overlap;
    CHECK(overlap.at("digit") == Approx(0.5));
    CHECK(overlap.at("word_start") == Approx(1));
}
