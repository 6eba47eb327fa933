#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/analyze.h"
#include "analysis/class_split_trace.h"
#include "analysis/token_class.h"
#include "base/error.h"
#include "tests/support/language_trace.h"

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
