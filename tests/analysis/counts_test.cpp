// Aggregates without prompts: real counts of Qwen3-30B-A3B on MGSM, and what cannot be said of
// them.
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "analysis/analysis_json.h"
#include "analysis/analyze.h"
#include "captures/import/importers.h"
#include "tests/support/reference_data.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

namespace {

constexpr const char* kExample = ALLUVIUM_SOURCE_DIR "/captures/examples/qwen3-30b-a3b-mgsm.h5";

Analysis analyze_example(const AnalysisOptions& options) {
    Progress progress;
    return analyze(*open_trace(kExample), options, progress);
}

// Two groups of 10 tokens, two experts, top 1, six layers.
TraceData tiny_counts() {
    TraceData data;
    data.header.kind = TraceKind::counts;
    data.header.groups = {{"en", "fr"}, {10, 10}};
    for (LayerId l = 0; l < 6; ++l) {
        RoutedLayerInfo info;
        info.layer = l;
        info.experts = 2;
        info.top_k = 1;
        data.header.layers.push_back(info);
        LayerData layer;
        const std::uint64_t n = l < 4 ? 5 : 10;
        layer.counts.count =
            Grid<std::uint64_t>(2, 2, std::vector<std::uint64_t>{n, 10 - n, 10 - n, n});
        data.layers.push_back(layer);
    }
    return data;
}

}  // namespace

TEST_CASE("The published Qwen3-30B-A3B counts are U-shaped over thirds of 48 layers", "[golden]") {
    const Analysis analysis = analyze_example({});
    CHECK(analysis.verdict.pattern == Pattern::u_shaped);
    CHECK(analysis.verdict.basis == Basis::descriptive);
    CHECK(analysis.verdict.early_layers.last == 15);
    CHECK(analysis.verdict.late_layers.first == 32);
    // Computed with numpy from the published JSON files: means of the generalised Jensen-Shannon
    // divergence over layers 0-15, 16-31 and 32-47; the ceiling is 1.
    CHECK_THAT(analysis.verdict.early, WithinAbs(0.21863050869244696, 1e-12));
    CHECK_THAT(analysis.verdict.middle, WithinAbs(0.12354622387836005, 1e-12));
    CHECK_THAT(analysis.verdict.late, WithinAbs(0.31925633618091037, 1e-12));
    CHECK(std::isnan(analysis.layers[0].divergence.corrected));
    CHECK(analysis.layers[0].divergence.relative == analysis.layers[0].divergence.value);
    CHECK_THAT(analysis.verdict.sentence, ContainsSubstring("prompts unknown"));
}

TEST_CASE("Counts imported afresh say the same as the committed example", "[golden]") {
    const auto data = test::reference_data();
    if (!data) SKIP("no reference data beside the repository");
    const auto folder = *data / "routing/qwen3_30b_a3b_mgsm";
    ImportRequest request;
    for (const char* file : {"mgsm_en.json", "mgsm_sw.json", "mgsm_zh.json"}) {
        request.files.push_back((folder / file).string());
    }
    Progress progress;
    const TracePtr trace = make_trace(find_importer("counts-json").run(request));
    const Analysis imported = analyze(*trace, {}, progress);
    const Analysis example = analyze_example({});
    REQUIRE(imported.layers.size() == 48);
    for (std::size_t l = 0; l < 48; ++l) {
        CHECK(imported.layers[l].divergence.value == example.layers[l].divergence.value);
    }
    CHECK(imported.verdict.pattern == Pattern::u_shaped);
}

TEST_CASE("Aggregates weigh by their weight sums where asked", "[golden]") {
    AnalysisOptions options;
    options.weighting = Weighting::mass;
    const Analysis mass = analyze_example(options), count = analyze_example({});
    CHECK(mass.layers[5].share(0, 4) > 0);
    CHECK(mass.layers[5].share(0, 4) != count.layers[5].share(0, 4));
    CHECK(mass.layers[5].token_ratio == count.layers[5].token_ratio);
}

TEST_CASE("A circuit of aggregates is missing with its reason") {
    AnalysisOptions options;
    options.circuit = CircuitOptions{};
    const Analysis analysis = analyze_example(options);
    CHECK_FALSE(analysis.circuit.has_value());
    const Json json = analysis_json(analysis);
    CHECK(json["circuit"].is_null());
    CHECK_THAT(json["missing"]["circuit"].get<std::string>(), ContainsSubstring("needs tokens"));
    CHECK(json["verdict"]["pattern"] == "u_shaped");
    CHECK(json["verdict"]["basis"] == "descriptive");
}

TEST_CASE("Divergence of aggregates as worked out by hand") {
    Progress progress;
    const Analysis analysis = analyze(*make_trace(tiny_counts()), {}, progress);
    CHECK_THAT(analysis.layers[0].divergence.value, WithinAbs(0, 1e-15));
    CHECK_THAT(analysis.layers[5].divergence.value, WithinAbs(1, 1e-15));
    CHECK(analysis.layers[5].token_ratio(0, 0) == 1);
    CHECK(analysis.verdict.pattern == Pattern::spread_out_in_the_end);
    CHECK_THAT(analysis.verdict.d_late.value, WithinAbs(1, 1e-12));
}

TEST_CASE("A flat profile of aggregates is never called no language routing") {
    TraceData data = tiny_counts();
    for (LayerData& layer : data.layers) layer.counts.count = Grid<std::uint64_t>(2, 2, 5);
    Progress progress;
    CHECK(analyze(*make_trace(data), {}, progress).verdict.pattern == Pattern::flat);
}
