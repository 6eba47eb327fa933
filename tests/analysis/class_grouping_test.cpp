#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/analyze.h"
#include "analysis/claims/judge_claim.h"
#include "analysis/class_split_trace.h"
#include "analysis/search/route_search.h"
#include "analysis/tables/write_tables.h"
#include "analysis/token_class.h"
#include "base/error.h"
#include "base/json.h"
#include "tests/support/language_trace.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

Analysis by_class(const TracePtr& trace, const std::string& where = {}) {
    AnalysisOptions options;
    options.by = "class";
    options.where = where;
    options.permutations = 30;
    Progress progress;
    return analyze(*trace, options, progress);
}

}  // namespace

TEST_CASE("Tokens are grouped by their class as if each class had prompts of its own") {
    const TraceData data = language_trace_data({});
    const TracePtr trace = make_trace(data);
    const Analysis analysis = by_class(trace);
    const auto classes = classify_tokens(data.header.prompts, data.tokens);
    for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
        std::uint64_t tokens = 0;
        std::vector<std::uint64_t> chosen(12, 0);
        for (std::size_t t = 0; t < classes.size(); ++t) {
            if (to_string(classes[t]) != analysis.groups[g].label) continue;
            ++tokens;
            for (const ExpertId e : data.layers[3].experts.row(t)) ++chosen[e];
        }
        CHECK(analysis.groups[g].tokens == tokens);
        const auto row = analysis.layers[3].selections.row(g);
        CHECK(std::vector<std::uint64_t>(row.begin(), row.end()) == chosen);
    }
    CHECK(analysis.groups.size() >= 3);
    CHECK(analysis.design.parallel);
    CHECK(analysis.design.prompts == data.header.prompts.size());
    CHECK(analysis.missing.contains("information"));
    CHECK(analysis.missing.contains("fertility." + analysis.groups[0].label));
}

TEST_CASE("A router that knows classes is told from one that does not") {
    TraceData data = language_trace_data({});
    const auto classes = classify_tokens(data.header.prompts, data.tokens);
    for (std::size_t t = 0; t < classes.size(); ++t) {
        data.layers[7].experts(t, 0) = static_cast<ExpertId>(classes[t]);
        data.layers[7].experts(t, 1) = 11;
    }
    const Analysis analysis = by_class(make_trace(data));
    CHECK(analysis.layers[7].divergence.value > analysis.layers[7].divergence.band);
    // Half of the choices share no expert between classes, the other half are the same.
    CHECK(analysis.layers[7].divergence.relative == Catch::Approx(0.5));
    CHECK(analysis.layers[0].divergence.relative < 0.1);
}

TEST_CASE("Classes and slices go together") {
    const TracePtr trace = make_trace(language_trace_data({}));
    const Analysis analysis = by_class(trace, "class=word and language=fr");
    for (const GroupSample& group : analysis.groups) {
        const bool word = group.label == "word_start" || group.label == "continuation";
        CHECK((group.tokens > 0) == word);
    }
}

TEST_CASE("Aggregates have no classes") {
    TraceData data;
    data.header.kind = TraceKind::counts;
    Progress progress;
    CHECK_THROWS_AS(ClassSplitTrace(*make_trace(data), progress), UserError);
}

TEST_CASE("A search counts its hits by the class of the tokens") {
    const TraceData data = language_trace_data({});
    const TracePtr trace = make_trace(data);
    SearchOptions options;
    options.by = "class";
    Progress progress;
    const RouteSearch search = search_routes(*trace, "L2:E1 and language=fr", options, progress);
    const auto classes = classify_tokens(data.header.prompts, data.tokens);
    REQUIRE(search.groups.size() >= 3);
    std::uint64_t all = 0;
    for (const SearchGroup& group : search.groups) {
        std::uint64_t hits = 0, tokens = 0;
        for (std::size_t t = 0; t < classes.size(); ++t) {
            const bool french = data.header.prompts.language[data.tokens.prompt[t]] == "fr";
            const bool special = !data.tokens.special.empty() && data.tokens.special[t] != 0;
            if (to_string(classes[t]) != group.label || !french || special) continue;
            ++tokens;
            const auto row = data.layers[2].experts.row(t);
            hits += std::ranges::count(row, ExpertId{1}) > 0 ? 1 : 0;
        }
        CHECK(group.count.hits == hits);
        CHECK(group.count.tokens == tokens);
        all += hits;
    }
    CHECK(search.hits == all);
    for (const SearchLine& line : search.lines) {
        CHECK(line.label == to_string(classes[line.row]));
    }
}

TEST_CASE("Tables and claims take classes, too") {
    const TracePtr trace = make_trace(language_trace_data({}));
    const TemporaryFolder folder;
    AnalysisOptions options;
    options.by = "class";
    options.permutations = options.bootstraps = options.noise_splits = 10;
    Progress progress;
    write_tables(*trace, options, folder / "tables", progress);
    std::vector<std::string> labels;
    for (const GroupSample& group : by_class(trace).groups) labels.push_back(group.label);
    CHECK(read_json(folder / "tables/names.json")["labels"] == labels);

    Claim claim;
    claim.options.by = "class";
    claim.options.permutations = 10;
    claim.patterns = {Pattern::flat};
    const ClaimResult result = judge_claim(*trace, claim, progress);
    CHECK(result.groups == labels.size());
    REQUIRE(result.effects.size() == 2);
    CHECK(result.effects[0].value.has_interval());
    // The verdict's own contrast, by another way.
    CHECK(result.effects[0].value.value == Catch::Approx(result.verdict.d_late.value));
}
