// Every metric against an implementation that shares no code with this one:
// tests/golden/analysis/make_expected.py, written token by token from the definitions.
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "analysis/analyze.h"
#include "base/json.h"
#include "tests/analysis/json_trace.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;

namespace {

// Both sides sum a few hundred terms of order 1 in double precision.
constexpr double kTolerance = 1e-11;

const Json& golden() {
    static const Json json = read_json(ALLUVIUM_SOURCE_DIR "/tests/golden/analysis/expected.json");
    return json;
}

AnalysisOptions options_of(const Json& expected) {
    AnalysisOptions options;
    options.by = expected["by"];
    options.controls = ControlOptions::none();
    options.weighting = parse_weighting(expected["weighting"].get<std::string>());
    options.include_special = expected["include_special"];
    // Enough draws for a sampled mean to be told from a wrong one.
    options.permutations = 2000;
    options.noise_splits = 500;
    options.bootstraps = 10;
    return options;
}

Analysis run(const Json& expected, AnalysisOptions options) {
    const TracePtr trace =
        test::trace_from_json(golden()["traces"][expected["trace"].get<std::string>()]);
    Progress progress;
    return analyze(*trace, options, progress);
}

void same(double found, const Json& expected) {
    if (expected.is_null()) {
        CHECK(std::isnan(found));
    } else {
        CHECK_THAT(found, WithinAbs(expected.get<double>(), kTolerance));
    }
}

void same(const Grid<double>& found, const Json& expected) {
    REQUIRE(found.rows() == expected.size());
    for (std::size_t r = 0; r < found.rows(); ++r) {
        for (std::size_t c = 0; c < found.cols(); ++c) same(found(r, c), expected[r][c]);
    }
}

void same(const Estimate& found, const Json& expected) {
    same(found.value, expected["v"]);
    // The quantile of t is solved to 1e-12 of itself.
    same(found.low, expected["low"]);
    same(found.high, expected["high"]);
}

// A sampled mean within 5 standard errors of the exact one: wrong once in two million.
void sampled(double found, const Json& expected, double draws) {
    const double sd = expected["sd"];
    CHECK_THAT(found, WithinAbs(expected["mean"].get<double>(), 5 * sd / std::sqrt(draws) + 1e-9));
}

void check_layer(const LayerAnalysis& layer, const Json& expected, const AnalysisOptions& options) {
    CHECK(layer.layer == expected["layer"]);
    CHECK(Json(layer.tokens) == expected["tokens"]);
    CHECK(layer.missing_tokens == expected["missing"]);
    same(layer.share, expected["share"]);
    same(layer.token_ratio, expected["ratio"]);
    same(layer.pairwise, expected["pairwise"]);
    const Divergence& d = layer.divergence;
    same(d.value, expected["value"]);
    same(d.ceiling, expected["ceiling"]);
    same(d.top1, expected["top1"]);
    same(Estimate{d.corrected, d.low, d.high}, expected["interval"]);
    same(d.relative, expected["interval"]["v"].get<double>() / expected["ceiling"].get<double>());
    sampled(d.null_mean, expected["null"], options.permutations);
    same(layer.mutual_information.raw, expected["mi"]["raw"]);
    same(layer.mutual_information.value, expected["mi"]["value"]);
    same(layer.mutual_information.nmi, expected["mi"]["nmi"]);
    same(layer.load.cv, expected["load"]["cv"]);
    same(layer.load.max_vio, expected["load"]["max_vio"]);
    same(layer.load.gini, expected["load"]["gini"]);
    same(layer.load.effective_experts, expected["load"]["effective"]);
    CHECK(layer.load.dead_experts == expected["load"]["dead"]);
    same(layer.entropy.usage, expected["entropy"]["usage"]);
    same(layer.entropy.token, expected["entropy"]["token"]);
    same(layer.entropy.information, expected["entropy"]["information"]);
    same(layer.margin.p05, expected["margin"]["p05"]);
    same(layer.margin.p50, expected["margin"]["p50"]);
    if (expected["noise_floor"].is_null()) {
        CHECK(std::isnan(layer.noise_floor));
    } else {
        sampled(layer.noise_floor, expected["noise_floor"], options.noise_splits);
    }
}

void check_circuit(const Circuit& circuit, const Json& expected) {
    REQUIRE(circuit.nodes.size() == expected["nodes"].size());
    for (std::size_t i = 0; i < circuit.nodes.size(); ++i) {
        const CircuitNode& node = circuit.nodes[i];
        const Json& wanted = expected["nodes"][i];
        CHECK(node.layer == wanted["layer"]);
        CHECK(node.expert == wanted["expert"]);
        CHECK(to_string(node.kind) == wanted["kind"].get<std::string>());
        REQUIRE(node.groups.size() == wanted["groups"].size());
        for (const GroupMass& m : node.groups) {
            same(m.mass, wanted["groups"][std::to_string(m.group)]);
        }
    }
    REQUIRE(circuit.links.size() == expected["links"].size());
    double total = 0, wanted_total = 0;
    for (const Json& wanted : expected["links"]) {
        wanted_total += wanted["flow"].get<double>();
        for (const CircuitLink& link : circuit.links) {
            if (link.layer != wanted["layer"] || link.from != wanted["from"] ||
                link.to != wanted["to"] || link.group != wanted["group"]) {
                continue;
            }
            same(link.flow, wanted["flow"]);
            total += link.flow;
        }
    }
    CHECK_THAT(total, WithinAbs(wanted_total, kTolerance));
    for (std::size_t l = 0; l < circuit.sharing.size(); ++l) {
        same(circuit.sharing[l].value, expected["sharing"][l]);
    }
}

}  // namespace

TEST_CASE("Every metric agrees with the independent implementation", "[golden]") {
    const std::size_t index = GENERATE(0u, 1u, 2u, 3u);
    REQUIRE(golden()["cases"].size() == 4);
    const Json& expected = golden()["cases"][index];
    INFO(expected["name"]);
    const AnalysisOptions options = options_of(expected);
    const Analysis analysis = run(expected, options);
    CHECK(analysis.census.selected == expected["selected"]);
    CHECK(analysis.design.units == expected["units"]);
    CHECK(analysis.design.parallel == expected["crossed"]);
    REQUIRE(analysis.groups.size() == expected["labels"].size());
    for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
        const GroupSample& group = analysis.groups[g];
        CHECK(group.label == expected["labels"][g]);
        same(group.fertility, expected["text"][g]["fertility"]);
        same(group.tokens_per_character, expected["text"][g]["per_character"]);
        same(group.byte_fragments, expected["text"][g]["fragments"]);
    }
    REQUIRE(analysis.layers.size() == expected["layers"].size());
    for (std::size_t l = 0; l < analysis.layers.size(); ++l) {
        INFO("layer " << analysis.layers[l].layer);
        check_layer(analysis.layers[l], expected["layers"][l], options);
    }
}

TEST_CASE("Windows, contrasts and the Holm interval agree with the independent implementation",
          "[golden]") {
    const std::size_t index = GENERATE(0u, 1u, 2u, 3u);
    const Json& expected = golden()["cases"][index];
    INFO(expected["name"]);
    const Json& wanted = expected["verdict"];
    const Verdict verdict = run(expected, options_of(expected)).verdict;
    same(verdict.early, wanted["early"]);
    same(verdict.middle, wanted["middle"]);
    same(verdict.late, wanted["late"]);
    same(verdict.d_late, wanted["d_late"]);
    same(verdict.d_early, wanted["d_early"]);
    same(verdict.late_two, wanted["late_two"]);
}

TEST_CASE("Circuits agree with the independent implementation", "[golden]") {
    const Json& expected = golden()["cases"][0];
    const std::size_t index = GENERATE(0u, 1u, 2u);
    const Json& wanted = expected["circuits"][index];
    INFO(wanted["keep"] << " " << wanted["flow"]);
    AnalysisOptions options = options_of(expected);
    options.permutations = 20;
    options.circuit = CircuitOptions{parse_keep_rule(wanted["keep"].get<std::string>()),
                                     parse_flow(wanted["flow"].get<std::string>())};
    const Analysis analysis = run(expected, options);
    REQUIRE(analysis.circuit.has_value());
    check_circuit(*analysis.circuit, wanted);
}
