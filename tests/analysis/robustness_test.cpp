// The verdict under other ways to count.
#include "analysis/robustness.h"

#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "analysis/analyze.h"
#include "analysis/depth_resamples.h"
#include "analysis/divergence.h"
#include "analysis/prompt_counts.h"
#include "analysis/share.h"
#include "base/error.h"
#include "tests/analysis/planted_trace.h"
#include "tests/support/confounded_trace.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

Analysis analyse(const TracePtr& trace) {
    AnalysisOptions options;
    options.permutations = 40;
    options.bootstraps = 0;
    options.noise_splits = 0;
    options.controls.information = false;
    Progress progress;
    return analyze(*trace, options, progress);
}

PlantedTrace spread_out() {
    PlantedTrace plan;
    plan.groups = 30;
    plan.tokens = 40;  // enough for one choice of two, and for half of the groups
    plan.pull = [](double d) { return d > 0.67 ? 0.7 : 0.2; };
    return plan;
}

const RobustnessRow& row(const Analysis& analysis, const std::string& variant) {
    for (const RobustnessRow& r : analysis.verdict.robustness) {
        if (r.variant == variant) return r;
    }
    throw UserError("no row " + variant);
}

}  // namespace

TEST_CASE("A plain spread is the same under every way to count") {
    TraceData data = planted_data(spread_out());
    for (std::string& language : data.header.prompts.language) {
        language = std::map<std::string, std::string>{
            {"l0", "fr"}, {"l1", "es"}, {"l2", "ar"}, {"l3", "zh"}}[language];
    }
    const Analysis analysis = analyse(make_trace(data));
    REQUIRE(analysis.verdict.pattern == Pattern::spread_out_in_the_end);
    for (const char* variant : {"mass", "top1", "equal_prompts", "first_half", "second_half",
                                "by:family", "without:ar", "without_family:Sino-Tibetan"}) {
        INFO(variant);
        CHECK(row(analysis, variant).pattern == Pattern::spread_out_in_the_end);
        CHECK(row(analysis, variant).agreement == Agreement::same);
    }
    CHECK_THAT(analysis.verdict.sentence, StartsWith("Languages spread out"));
    CHECK_THAT(analysis.verdict.sentence, ContainsSubstring("The same under"));
}

TEST_CASE("A spread that one language makes changes without it, and that is said first") {
    PlantedTrace plan = spread_out();
    plan.pull = [](double) { return 0.0; };
    TraceData data = planted_data(plan);
    // Language 2 alone goes its own way, in the late layers.
    for (std::size_t l = 6; l < data.layers.size(); ++l) {
        for (std::size_t t = 0; t < data.tokens.size(); ++t) {
            if (data.tokens.prompt[t] % 4 != 2) continue;
            data.layers[l].experts(t, 0) = 7;
            data.layers[l].experts(t, 1) = static_cast<ExpertId>(t % 7);
        }
    }
    const Analysis analysis = analyse(make_trace(data));
    REQUIRE(analysis.verdict.pattern == Pattern::spread_out_in_the_end);
    CHECK(row(analysis, "without:l2").pattern == Pattern::no_language_routing);
    CHECK(row(analysis, "without:l2").agreement == Agreement::changed);
    CHECK(row(analysis, "without:l1").agreement == Agreement::same);
    CHECK_THAT(analysis.verdict.sentence,
               StartsWith("Changes under: without l2 (no_language_routing). "));
}

TEST_CASE("Routing of special tokens alone shows under the variant that counts them") {
    PlantedTrace plan = spread_out();
    plan.pull = [](double) { return 0.0; };
    TraceData data = planted_data(plan);
    for (std::size_t t = 0; t < data.tokens.size(); ++t) {
        if (t % plan.tokens >= 10) continue;
        data.tokens.special[t] = 1;
        for (std::size_t l = 6; l < data.layers.size(); ++l) {
            data.layers[l].experts(t, 0) = static_cast<ExpertId>(data.tokens.prompt[t] % 4);
            data.layers[l].experts(t, 1) = 6;
        }
    }
    const Analysis analysis = analyse(make_trace(data));
    CHECK(analysis.verdict.pattern == Pattern::no_language_routing);
    CHECK(row(analysis, "special").pattern == Pattern::spread_out_in_the_end);
}

TEST_CASE("Halves are halves of every language's prompts") {
    PlantedTrace plan = spread_out();
    plan.translations = false;
    // Only the second half of the prompts knows its language.
    TraceData data = planted_data(plan);
    PlantedTrace blind = plan;
    blind.pull = [](double) { return 0.0; };
    const TraceData without = planted_data(blind);
    const std::size_t half = data.tokens.size() / 2;
    for (std::size_t l = 0; l < data.layers.size(); ++l) {
        for (std::size_t t = 0; t < half; ++t) {
            for (std::size_t r = 0; r < 2; ++r) {
                data.layers[l].experts(t, r) = without.layers[l].experts(t, r);
            }
        }
    }
    const Analysis analysis = analyse(make_trace(data));
    CHECK(row(analysis, "first_half").pattern == Pattern::no_language_routing);
    CHECK(row(analysis, "second_half").pattern == Pattern::spread_out_in_the_end);
}

TEST_CASE("Word tokens and shared ids are counted alone") {
    // The language decides nothing but punctuation's share: words alone tell nothing apart.
    ConfoundedTrace plan;
    plan.confound = Confound::class_mix;
    plan.layers = 9;
    const Analysis analysis = analyse(confounded_trace(plan));
    CHECK(row(analysis, "words").d_late.has_interval());
    CHECK(row(analysis, "shared_ids").d_late.has_interval());
    CHECK(analysis.missing.contains("verdict.robustness.special"));
    CHECK(analysis.missing.contains("verdict.robustness.mass"));
}

TEST_CASE("What is inconclusive contradicts nothing") {
    CHECK(agreement_of(Pattern::flat, Pattern::inconclusive) == Agreement::unclear);
    CHECK(agreement_of(Pattern::inconclusive, Pattern::flat) == Agreement::unclear);
    CHECK(agreement_of(Pattern::flat, Pattern::u_shaped) == Agreement::changed);
    CHECK(agreement_of(Pattern::flat, Pattern::flat) == Agreement::same);
}

TEST_CASE("Of many translation groups bundles are left out, with nearly the same interval") {
    PlantedTrace plan;
    plan.groups = 220;
    plan.tokens = 10;
    plan.layers = 3;
    plan.pull = [](double depth) { return depth / 2; };
    const TracePtr trace = planted_trace(plan);
    AnalysisOptions options;
    options.permutations = options.bootstraps = options.noise_splits = 0;
    Progress progress;
    const Sample sample = take_sample(*trace, options, progress);
    DepthResamples every(sample.units, 3, options), bundled(sample.units, 3, options, 50);
    for (std::size_t l = 0; l < 3; ++l) {
        const PromptCounts counts = count_prompts(*trace, l, sample.selection, false, progress);
        const Grid<double> rows = to_weights(counts.selections);
        LayerAnalysis layer;
        layer.divergence.value = divergence(sum_by_label(rows, sample.units.labels, 4));
        layer.divergence.ceiling = 1;
        every.add_layer(rows, layer, progress);
        bundled.add_layer(rows, layer, progress);
    }
    CHECK(every.curve().without.rows() == 220);
    CHECK(bundled.curve().without.rows() == 50);
    for (std::size_t l = 0; l < 3; ++l) {
        const JackknifeResult a = every.curve().corrected(l), b = bundled.curve().corrected(l);
        CHECK(std::fabs(a.corrected - b.corrected) < 0.2 * a.standard_error);
        // A standard error from 50 bundles is itself uncertain by 1 / sqrt(2 x 49) = 10 %.
        CHECK(std::fabs(b.standard_error / a.standard_error - 1) < 0.3);
    }
}
