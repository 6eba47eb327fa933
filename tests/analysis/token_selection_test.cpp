#include "analysis/token_selection.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/prompt_counts.h"
#include "base/error.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

struct Span {
    TokenPos begin, end;
    std::uint32_t prompt;
    bool operator==(const Span&) const = default;
};

std::vector<Span> spans(const TokenRuns& runs) {
    std::vector<Span> result;
    for (const TokenRun& run : runs) result.push_back({run.begin, run.end, run.prompt});
    return result;
}

TokenSelection select(const TracePtr& trace, bool include_special = false) {
    Progress progress;
    return select_tokens(*trace, group_rows(trace->header(), "language"), {include_special, ""},
                         progress);
}

// 2 languages, 2 groups: 4 prompts of 5 tokens.
TraceData small() {
    PlantedTrace plan;
    plan.languages = plan.groups = 2;
    plan.tokens = 5;
    plan.layers = 1;
    return planted_data(plan);
}

}  // namespace

TEST_CASE("Special, generated, unfinished and unlabelled tokens are left out and counted") {
    TraceData data = small();
    data.tokens.special[0] = data.tokens.special[4] = 1;
    data.tokens.phase[3] = kPhaseGenerated;
    data.tokens.phase[8] = kPhaseUnused;
    data.header.prompts.done[2] = 0;
    data.header.prompts.language[3] = "";
    const TracePtr trace = make_trace(data);
    const TokenSelection selection = select(trace);
    CHECK(spans(selection.runs) == std::vector<Span>{{1, 3, 0}, {5, 8, 1}, {9, 10, 1}});
    CHECK(selection.census.selected == 6);
    CHECK(selection.census.special == 2);
    CHECK(selection.census.generated == 1);
    CHECK(selection.census.not_done == 5);
    CHECK(selection.census.unlabelled == 5);
    CHECK(selection.prompts[0].selected == 2);
    CHECK(select(trace, true).census.selected == 8);
}

TEST_CASE("A trace with nothing left to analyse is refused") {
    TraceData data = small();
    data.tokens.special.assign(20, 1);
    CHECK_THROWS_AS(select(make_trace(data)), UserError);
    CHECK(select(make_trace(data), true).census.selected == 20);
}

TEST_CASE("Rows are taken out of the middle and off the ends of runs") {
    const TokenSelection all = select(make_trace(small()));
    const std::vector<TokenRange> dropped = {{0, 1}, {2, 3}, {4, 6}, {10, 15}};
    const TokenSelection rest = without_rows(all, dropped);
    CHECK(spans(rest.runs) == std::vector<Span>{{1, 2, 0}, {3, 4, 0}, {6, 10, 1}, {15, 20, 3}});
    CHECK(rest.census.selected == 11);
    CHECK(rest.prompts[2].selected == 0);
}

TEST_CASE("Blocks cover every selected row once and none is longer than a block") {
    TokenSelection selection;
    selection.runs = {
        {3, 10, 0}, {20, 20 + 2 * kBlockRows, 1}, {3 * kBlockRows, 3 * kBlockRows + 1, 2}};
    TokenPos rows = 0, last = 0;
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        CHECK(range.size() <= kBlockRows);
        CHECK(range.begin == runs.front().begin);
        CHECK(range.end == runs.back().end);
        for (const TokenRun& run : runs) {
            CHECK(run.begin >= last);
            rows += run.end - run.begin;
            last = run.end;
        }
    });
    CHECK(rows == 7 + 2 * kBlockRows + 1);
}

TEST_CASE("Counts per prompt leave out missing rows and say which") {
    TraceData data = small();
    LayerData& layer = data.layers[0];
    for (const std::size_t t : {1u, 2u, 7u}) {
        layer.experts(t, 0) = layer.experts(t, 1) = kMissingExpert;
    }
    layer.weights(11, 0) = std::numeric_limits<float>::quiet_NaN();
    layer.weights(12, 0) = layer.weights(12, 1) = 0;
    const TracePtr trace = make_trace(data);
    Progress progress;
    const TokenSelection selection = select(trace);
    const PromptCounts counts = count_prompts(*trace, 0, selection, false, progress);
    CHECK(counts.tokens == std::vector<std::uint32_t>{3, 4, 5, 5});
    CHECK(counts.missing_tokens == 3);
    CHECK(counts.missing == std::vector<TokenRange>{{1, 3}, {7, 8}});

    const PromptCounts masses = count_prompts(*trace, 0, selection, true, progress);
    CHECK(masses.tokens == std::vector<std::uint32_t>{3, 4, 3, 5});
    CHECK(masses.missing == std::vector<TokenRange>{{1, 3}, {7, 8}, {11, 13}});
    for (std::size_t p = 0; p < 4; ++p) {
        double mass = 0, selections = 0, best = 0;
        for (std::size_t e = 0; e < 8; ++e) {
            mass += masses.mass(p, e);
            selections += masses.selections(p, e);
            best += masses.top1(p, e);
        }
        CHECK(std::abs(mass - masses.tokens[p]) < 1e-12);
        CHECK(selections == 2 * masses.tokens[p]);
        CHECK(best == masses.tokens[p]);
    }
}
