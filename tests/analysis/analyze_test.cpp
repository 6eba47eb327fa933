// The whole analysis: properties that hold for any trace, and traces at the edge.
#include "analysis/analyze.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "analysis/entropy.h"
#include "base/error.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace {

// Sums of a few thousand terms in double precision.
constexpr double kRounding = 1e-11;

AnalysisOptions quick() {
    AnalysisOptions options;
    options.permutations = 40;
    options.controls = ControlOptions::none();
    options.bootstraps = 10;
    options.noise_splits = 2;
    options.circuit = CircuitOptions{};
    return options;
}

Analysis run(const TraceData& data, const AnalysisOptions& options = quick()) {
    Progress progress;
    return analyze(*make_trace(data), options, progress);
}

PlantedTrace spread_plan() {
    PlantedTrace plan;
    plan.pull = [](double d) { return d > 0.7 ? 0.6 : 0.1; };
    return plan;
}

// The same tokens with experts e renamed to (e * 5 + 3) % E.
TraceData relabelled(TraceData data) {
    for (std::size_t l = 0; l < data.layers.size(); ++l) {
        const std::uint32_t experts = data.header.layers[l].experts;
        for (ExpertId& e : data.layers[l].experts.values()) {
            e = static_cast<ExpertId>((e * 5u + 3u) % experts);
        }
    }
    return data;
}

// The same prompts in reverse order, their tokens with them.
TraceData reversed_prompts(const TraceData& data) {
    TraceData result = data;
    PromptTable& table = result.header.prompts;
    for (auto* column : {&table.id, &table.text, &table.language, &table.group, &table.domain}) {
        std::reverse(column->begin(), column->end());
    }
    const std::size_t rows = data.tokens.size(), per_prompt = rows / table.size();
    for (std::size_t t = 0; t < rows; ++t) {
        const std::size_t from = (table.size() - 1 - t / per_prompt) * per_prompt + t % per_prompt;
        for (std::size_t l = 0; l < data.layers.size(); ++l) {
            const auto experts = data.layers[l].experts.row(from);
            const auto weights = data.layers[l].weights.row(from);
            std::copy(experts.begin(), experts.end(), result.layers[l].experts.row(t).begin());
            std::copy(weights.begin(), weights.end(), result.layers[l].weights.row(t).begin());
        }
    }
    return result;
}

void same_divergence(const Analysis& a, const Analysis& b) {
    for (std::size_t l = 0; l < a.layers.size(); ++l) {
        const Divergence &p = a.layers[l].divergence, &q = b.layers[l].divergence;
        CHECK_THAT(p.value, WithinAbs(q.value, kRounding));
        CHECK_THAT(p.corrected, WithinAbs(q.corrected, kRounding));
        CHECK_THAT(p.low, WithinAbs(q.low, kRounding));
        CHECK_THAT(p.top1, WithinAbs(q.top1, kRounding));
        CHECK_THAT(a.layers[l].load.gini, WithinAbs(b.layers[l].load.gini, kRounding));
        CHECK_THAT(a.layers[l].mutual_information.nmi,
                   WithinAbs(b.layers[l].mutual_information.nmi, kRounding));
        CHECK_THAT(a.circuit->sharing[l].value, WithinAbs(b.circuit->sharing[l].value, kRounding));
    }
    CHECK(a.verdict.pattern == b.verdict.pattern);
}

double mass_of(const CircuitNode& node, std::size_t group) {
    for (const GroupMass& m : node.groups) {
        if (m.group == group) return m.mass;
    }
    return 0;
}

// Per group every layer's nodes sum to 1, and what leaves and enters a node is its mass.
void check_conservation(const Analysis& analysis) {
    const Circuit& circuit = *analysis.circuit;
    const LayerId first = analysis.layers.front().layer, last = analysis.layers.back().layer;
    for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
        for (const LayerAnalysis& layer : analysis.layers) {
            double total = 0;
            for (const CircuitNode& node : circuit.nodes) {
                if (node.layer == layer.layer) total += mass_of(node, g);
            }
            CHECK_THAT(total, WithinAbs(1, kRounding));
        }
        for (const CircuitNode& node : circuit.nodes) {
            double leaving = 0;
            for (const CircuitLink& link : circuit.links) {
                if (link.group == g && link.layer == node.layer && link.from == node.expert) {
                    leaving += link.flow;
                }
            }
            const double mass = mass_of(node, g);
            if (node.layer != last) CHECK_THAT(leaving, WithinAbs(mass, kRounding));
            if (node.layer == first) continue;
            double entering = 0;
            for (const CircuitLink& link : circuit.links) {
                if (link.group == g && link.layer == node.layer - 1 && link.to == node.expert) {
                    entering += link.flow;
                }
            }
            CHECK_THAT(entering, WithinAbs(mass, kRounding));
        }
    }
}

}  // namespace

TEST_CASE("Nothing but the experts' own numbers changes when experts are renamed") {
    const TraceData data = planted_data(spread_plan());
    const Analysis plain = run(data), renamed = run(relabelled(data));
    same_divergence(plain, renamed);
    CHECK_THAT(plain.verdict.d_late.low, WithinAbs(renamed.verdict.d_late.low, kRounding));
    CHECK(plain.layers[0].share(1, 2) == renamed.layers[0].share(1, (2 * 5 + 3) % 8));
}

TEST_CASE("Nothing that is not drawn changes with the order of the prompts") {
    PlantedTrace plan = spread_plan();
    plan.translations = GENERATE(true, false);
    const TraceData data = planted_data(plan);
    same_divergence(run(data), run(reversed_prompts(data)));
}

TEST_CASE("Shares sum to 1, token ratios to k, and everything keeps its range") {
    AnalysisOptions options = quick();
    options.weighting = GENERATE(Weighting::count, Weighting::mass);
    const Analysis analysis = run(planted_data(spread_plan()), options);
    for (const LayerAnalysis& layer : analysis.layers) {
        for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
            CHECK_THAT(sum(layer.share.row(g)), WithinAbs(1, kRounding));
            CHECK_THAT(sum(layer.token_ratio.row(g)), WithinAbs(layer.top_k, kRounding));
        }
        CHECK(layer.divergence.value >= 0);
        CHECK(layer.divergence.value <= 1);
        CHECK(layer.divergence.low <= layer.divergence.corrected);
        CHECK(layer.divergence.corrected <= layer.divergence.high);
        CHECK(layer.divergence.null_mean <= layer.divergence.band);
        CHECK(layer.load.gini >= 0);
        CHECK(layer.load.effective_experts <= layer.experts + kRounding);
        for (const double d : layer.pairwise.values()) CHECK((d >= 0 && d <= 1 + kRounding));
    }
    check_conservation(analysis);
}

TEST_CASE("Circuits conserve mass whatever is kept, and where rows are missing at some layers") {
    TraceData data = planted_data(spread_plan());
    for (std::size_t t = 3; t < data.tokens.size(); t += 17) {
        const std::size_t l = t % data.layers.size();
        for (ExpertId& e : data.layers[l].experts.row(t)) e = kMissingExpert;
    }
    AnalysisOptions options = quick();
    options.circuit->keep = parse_keep_rule(GENERATE("mass:0.5", "mass:1", "ratio:0.3", "ratio:1"));
    options.circuit->flow = GENERATE(FlowKind::mass, FlowKind::top1);
    INFO(to_string(options.circuit->keep) << " " << to_string(options.circuit->flow));
    const Analysis analysis = run(data, options);
    check_conservation(analysis);
    std::uint64_t complete = 0, selected = 0;
    for (const std::uint64_t n : analysis.circuit->tokens) complete += n;
    for (const GroupSample& group : analysis.groups) selected += group.tokens;
    CHECK(complete < selected);
}

TEST_CASE("Any number of experts is analysed") {
    PlantedTrace plan;
    plan.experts = GENERATE(1u, 3u, 64u, 65u, 257u);
    plan.top_k = std::min(plan.experts, 2u);
    plan.groups = 6;
    plan.tokens = 8;
    plan.layers = 6;
    plan.pull = [](double) { return 0.5; };
    INFO(plan.experts << " experts");
    const Analysis analysis = run(planted_data(plan));
    check_conservation(analysis);
    for (const LayerAnalysis& layer : analysis.layers) {
        CHECK(layer.share.cols() == plan.experts);
        CHECK(std::isfinite(layer.divergence.value));
        CHECK(std::isfinite(layer.divergence.relative) == (plan.experts > 1));
    }
    if (plan.experts == 1) CHECK(analysis.verdict.pattern == Pattern::no_language_routing);
}

TEST_CASE("A single language has shares but nothing to compare") {
    PlantedTrace plan;
    plan.languages = 1;
    const Analysis analysis = run(planted_data(plan));
    CHECK(analysis.verdict.pattern == Pattern::not_applicable);
    CHECK(std::isnan(analysis.layers[0].divergence.value));
    CHECK_THAT(sum(analysis.layers[0].share.row(0)), WithinAbs(1, kRounding));
    CHECK_THAT(analysis.missing.at("divergence.corrected"), ContainsSubstring("single group"));
    CHECK_THAT(analysis.missing.at("divergence.null_mean"), ContainsSubstring("single group"));
    CHECK(analysis.circuit.has_value());
}

TEST_CASE("A language without a usable token is missing, and the others are compared") {
    TraceData data = planted_data(spread_plan());
    for (std::size_t t = 0; t < data.tokens.size(); ++t) {
        if (data.header.prompts.language[data.tokens.prompt[t]] == "l2") data.tokens.special[t] = 1;
    }
    const Analysis analysis = run(data);
    REQUIRE(analysis.groups.size() == 4);
    CHECK(analysis.groups[2].tokens == 0);
    CHECK(std::isnan(analysis.layers[0].share(2, 0)));
    CHECK(std::isfinite(analysis.layers[0].divergence.value));
    CHECK_THAT(analysis.layers[0].divergence.ceiling,
               WithinAbs(std::min(1.0, std::log(4.0) / std::log(3.0)), kRounding));
    CHECK(analysis.verdict.pattern == Pattern::spread_out_in_the_end);
}

TEST_CASE("Missing rows are left out and counted, not taken for expert 0") {
    TraceData data = planted_data(spread_plan());
    for (std::size_t t = 0; t < 10; ++t) {
        for (ExpertId& e : data.layers[1].experts.row(t)) e = kMissingExpert;
    }
    const Analysis analysis = run(data);
    CHECK(analysis.layers[0].missing_tokens == 0);
    CHECK(analysis.layers[1].missing_tokens == 10);
    CHECK(analysis.layers[1].tokens[0] + 10 == analysis.layers[0].tokens[0]);
    CHECK_THAT(sum(analysis.layers[1].token_ratio.row(0)), WithinAbs(2, kRounding));
}

TEST_CASE("By prompt there are shares but no null and no interval, and the reason is given") {
    PlantedTrace plan = spread_plan();
    plan.groups = 3;
    AnalysisOptions options = quick();
    options.by = "prompt";
    const Analysis analysis = run(planted_data(plan), options);
    CHECK(analysis.groups.size() == 12);
    CHECK(std::isfinite(analysis.layers[0].divergence.value));
    CHECK(std::isnan(analysis.layers[0].divergence.band));
    CHECK(analysis.missing.count("divergence.null_mean") == 1);
    CHECK(analysis.missing.count("divergence.corrected") == 1);
    CHECK(analysis.verdict.pattern == Pattern::inconclusive);
}

TEST_CASE("Above the limit of groups no pairwise table is made") {
    AnalysisOptions options = quick();
    options.pairwise_limit = 3;
    const Analysis analysis = run(planted_data(spread_plan()), options);
    CHECK(analysis.layers[0].pairwise.empty());
    CHECK_THAT(analysis.missing.at("pairwise"), ContainsSubstring("4"));
}

TEST_CASE("Mass needs weights: refused as weighting, explained as flow") {
    TraceData data = planted_data(spread_plan());
    for (LayerData& layer : data.layers) layer.weights = {};
    AnalysisOptions options = quick();
    const Analysis analysis = run(data, options);
    CHECK_FALSE(analysis.circuit.has_value());
    CHECK_THAT(analysis.missing.at("circuit"), ContainsSubstring("weights"));
    options.circuit->flow = FlowKind::top1;
    CHECK(run(data, options).circuit.has_value());
    options.weighting = Weighting::mass;
    CHECK_THROWS_MATCHES(run(data, options), UserError,
                         MessageMatches(ContainsSubstring("weights")));
}

TEST_CASE("A dense checkpoint has nothing to analyse") {
    TraceData data = planted_data(spread_plan());
    data.layers.clear();
    data.header.layers.clear();
    CHECK_THROWS_AS(run(data), UserError);
}

TEST_CASE("A cancelled analysis stops") {
    Progress progress;
    progress.cancel();
    CHECK_THROWS_AS(analyze(*planted_trace(spread_plan()), quick(), progress), Cancelled);
}

TEST_CASE("The circuit's null separates planted roads from shared ones") {
    const Analysis analysis = run(planted_data(spread_plan()));
    const LayerSharing& first = analysis.circuit->sharing.front();
    const LayerSharing& last = analysis.circuit->sharing.back();
    CHECK(last.value < first.value);
    CHECK(last.value < last.null_p05);
    CHECK(last.null_mean > last.null_p05);
}
