#include "analysis/slices/row_filter.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/analyze.h"
#include "analysis/token_selection.h"
#include "base/error.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

// Rows of the slice, in one block.
std::vector<TokenPos> rows(const TracePtr& trace, const std::string& slice) {
    const TokenRange all{0, trace->header().token_count};
    const SliceMask mask = RowFilter(*trace, parse_slice(slice)).matches({*trace, all});
    std::vector<TokenPos> kept;
    for (TokenPos t = 0; t < mask.size(); ++t) {
        if (mask[t] != 0) kept.push_back(t);
    }
    return kept;
}

using Rows = std::vector<TokenPos>;

// 2 prompts of 4 tokens: "Ab 7é" in French, "ok." in Spanish; 2 layers, experts 0..3, top 2.
TraceData small() {
    TraceData data;
    PromptTable& prompts = data.header.prompts;
    prompts.id = {"one", "two"};
    prompts.text = {"Ab 7é", "ok."};
    prompts.language = {"fra_Latn", "es"};
    prompts.group = {"g", "g"};
    prompts.domain = {"law", ""};
    prompts.extra["year"] = {"1999", "soon"};
    prompts.first_token = {0, 4};
    prompts.token_count = {4, 4};
    prompts.truncated = {0, 0};
    prompts.done = {1, 1};
    TokenTable& tokens = data.tokens;
    tokens.id = {1, 2, 3, 4, 1, 5, 6, 7};
    tokens.prompt = {0, 0, 0, 0, 1, 1, 1, 1};
    tokens.position = {0, 1, 2, 3, 0, 1, 2, 3};
    // BOS, "Ab", " 7", "é"; BOS, "o", "k", "."
    tokens.byte_begin = {0, 0, 2, 4, 0, 0, 1, 2};
    tokens.byte_end = {0, 2, 4, 6, 0, 1, 2, 3};
    tokens.phase = {0, 0, 0, 0, 0, 0, 0, 1};
    tokens.special = {1, 0, 0, 0, 1, 0, 0, 0};
    data.header.token_count = 8;
    for (int l = 0; l < 2; ++l) {
        RoutedLayerInfo info;
        info.layer = 3 + 2 * l;
        info.experts = 4;
        info.top_k = 2;
        data.header.layers.push_back(info);
        LayerData layer;
        layer.experts = Grid<ExpertId>(8, 2);
        for (std::size_t t = 0; t < 8; ++t) {
            layer.experts(t, 0) = static_cast<ExpertId>((t + static_cast<std::size_t>(l)) % 4);
            layer.experts(t, 1) = static_cast<ExpertId>((layer.experts(t, 0) + 1) % 4);
        }
        layer.margin = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f};
        data.layers.push_back(std::move(layer));
    }
    data.layers[1].margin[5] = std::numeric_limits<float>::quiet_NaN();
    data.layers[1].margin[6] = 0.05f;
    return data;
}

}  // namespace

TEST_CASE("Prompt columns: languages by any label, cells as numbers, empty cells") {
    const TracePtr trace = make_trace(small());
    CHECK(rows(trace, "language=fr") == Rows{0, 1, 2, 3});
    CHECK(rows(trace, "language not in (fr, de)") == Rows{4, 5, 6, 7});
    CHECK(rows(trace, "domain=''") == Rows{4, 5, 6, 7});
    CHECK(rows(trace, "year<2000") == Rows{0, 1, 2, 3});
    CHECK(rows(trace, "year>=2000") == Rows{});
    CHECK(rows(trace, "level=major and id=two") == Rows{4, 5, 6, 7});
    CHECK(rows(trace, "branch=Romance").size() == 8);
}

TEST_CASE("Token columns: place, id, class, phase, special") {
    const TracePtr trace = make_trace(small());
    CHECK(rows(trace, "position=1..2") == Rows{1, 2, 5, 6});
    CHECK(rows(trace, "position in (0, 3)") == Rows{0, 3, 4, 7});
    CHECK(rows(trace, "token=1") == Rows{0, 4});
    CHECK(rows(trace, "class=digit") == Rows{2});
    CHECK(rows(trace, "class=word") == Rows{1, 3, 5, 6});
    CHECK(rows(trace, "class=continuation") == Rows{6});
    CHECK(rows(trace, "class=special or phase=generated") == Rows{0, 4, 7});
    CHECK(rows(trace, "special=no and phase=0") == Rows{1, 2, 3, 5, 6});
}

TEST_CASE("Routes: any rank, any of several experts, step after step") {
    const TracePtr trace = make_trace(small());
    // Layer 3: token t chooses t and t + 1 modulo 4; layer 5 one more each.
    CHECK(rows(trace, "L3:E0") == Rows{0, 3, 4, 7});
    CHECK(rows(trace, "L3:E0 then L5:E2") == Rows{0, 4});
    CHECK(rows(trace, "L3:E0|E1 and not L5:E0") == Rows{0, 1, 4, 5});
}

TEST_CASE("A margin is the smallest over the slice's routes, and a missing one never compares") {
    const TracePtr trace = make_trace(small());
    CHECK(rows(trace, "L3.margin > 0.55") == Rows{5, 6, 7});
    CHECK(rows(trace, "L5.margin > 0") == Rows{0, 1, 2, 3, 4, 6, 7});
    CHECK(rows(trace, "L5.margin <= 0.0625") == Rows{6});
    CHECK(rows(trace, "(L3:E0 or L5:E0) and margin >= 0.35") == Rows{3, 4, 7});
    CHECK(rows(trace, "not L5.margin > 0") == Rows{5});
    CHECK_THROWS_AS(rows(trace, "margin > 0.5"), UserError);
}

TEST_CASE("What the trace does not have is refused") {
    const TracePtr trace = make_trace(small());
    for (const char* slice : {"accent=fr", "L4:E0", "L3:E4", "class=verb", "class>digit",
                              "position=first", "phase=2", "L9.margin>0", "position=7..0"}) {
        INFO(slice);
        CHECK_THROWS_AS(rows(trace, slice), UserError);
    }
}

TEST_CASE("Rows are the same in blocks of any size") {
    const TracePtr trace = make_trace(small());
    // The character of "é" cut in two: both tokens are parts of it, wherever the block ends.
    TraceData data = small();
    data.tokens.byte_begin = {0, 0, 2, 4, 4, 0, 1, 2};
    data.tokens.byte_end = {0, 2, 4, 6, 6, 1, 2, 3};
    data.tokens.prompt[4] = 0;
    data.tokens.special[4] = 0;
    const TracePtr cut = make_trace(data);
    const RowFilter filter(*cut, parse_slice("class=fragment"));
    for (TokenPos t = 0; t < 8; ++t) {
        CHECK(filter.matches({*cut, {t, t + 1}}) == SliceMask{t == 3 || t == 4});
    }
}

TEST_CASE("Analysing a slice of prompts is analysing a trace that holds no others") {
    PlantedTrace plan;
    plan.languages = 3;
    plan.groups = 8;
    plan.pull = [](double depth) { return depth; };
    TraceData data = planted_data(plan);
    AnalysisOptions options;
    options.controls = ControlOptions::none();
    options.where = "language != l1";
    Progress progress;
    const Analysis sliced = analyze(*make_trace(data), options, progress);
    for (std::size_t p = 0; p < data.header.prompts.size(); ++p) {
        if (data.header.prompts.language[p] == "l1") data.header.prompts.done[p] = 0;
    }
    options.where.clear();
    const Analysis rest = analyze(*make_trace(data), options, progress);
    CHECK(sliced.census.outside == rest.census.not_done);
    CHECK(sliced.census.selected == rest.census.selected);
    for (std::size_t l = 0; l < sliced.layers.size(); ++l) {
        CHECK(sliced.layers[l].divergence.corrected == rest.layers[l].divergence.corrected);
        CHECK(sliced.layers[l].divergence.band == rest.layers[l].divergence.band);
    }
}

TEST_CASE("A slice that names special or generated tokens gets them") {
    const TracePtr trace = make_trace(small());
    const Grouping grouping = group_rows(trace->header(), "language");
    Progress progress;
    const auto census = [&](const std::string& where) {
        return select_tokens(*trace, grouping, {false, where}, progress).census;
    };
    CHECK(census("").selected == 5);
    CHECK(census("special=yes").selected == 2);
    CHECK(census("phase=generated").selected == 1);
    CHECK(census("class=word").outside == 1);
    CHECK_THROWS_AS(census("token=99"), UserError);
}

TEST_CASE("Aggregates are sliced by what is known of their languages") {
    TraceData data;
    data.header.kind = TraceKind::counts;
    data.header.groups.label = {"fr", "ar", "de"};
    data.header.groups.tokens = {10, 10, 10};
    for (int l = 0; l < 6; ++l) {
        data.header.layers.push_back({.layer = l, .experts = 2, .top_k = 1});
        LayerData layer;
        layer.counts.count = Grid<std::uint64_t>(3, 2, {5, 5, 9, 1, 2, 8});
        data.layers.push_back(std::move(layer));
    }
    const TracePtr trace = make_trace(data);
    AnalysisOptions options;
    options.where = "family=Indo-European";
    Progress progress;
    const Analysis analysis = analyze(*trace, options, progress);
    REQUIRE(analysis.groups.size() == 2);
    CHECK(analysis.groups[0].label == "de");
    CHECK(analysis.layers[0].share(0, 0) == 0.2);
    CHECK(analysis.census.selected == 20);
    options.where = "class=word";
    CHECK_THROWS_AS(analyze(*trace, options, progress), UserError);
    options.where = "language=xx";
    CHECK_THROWS_AS(analyze(*trace, options, progress), UserError);
}
