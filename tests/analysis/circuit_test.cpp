// Kept experts, sharing and flow on cases small enough for pencil and paper.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "analysis/analyze.h"
#include "analysis/kept_experts.h"
#include "analysis/sharing.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;
using Kept = std::vector<std::uint32_t>;

namespace {

// One prompt in each of two languages, two tokens each, two layers of three experts, top 2.
TraceData by_hand() {
    test::PlantedTrace plan;
    plan.languages = 2;
    plan.groups = 1;
    plan.tokens = 2;
    plan.layers = 2;
    plan.experts = 3;
    TraceData data = test::planted_data(plan);
    data.layers[0].experts = Grid<ExpertId>(4, 2, std::vector<ExpertId>{0, 1, 0, 1, 2, 1, 2, 0});
    data.layers[0].weights =
        Grid<float>(4, 2, std::vector<float>{3, 1, 1, 1, 0.5f, 0.5f, 0.75f, 0.25f});
    data.layers[1].experts = Grid<ExpertId>(4, 2, std::vector<ExpertId>{1, 2, 0, 2, 1, 0, 1, 2});
    data.layers[1].weights =
        Grid<float>(4, 2, std::vector<float>{0.5f, 0.5f, 3, 1, 1, 0, 0.5f, 0.5f});
    return data;
}

Circuit circuit_of(const TraceData& data, const char* keep, FlowKind flow) {
    AnalysisOptions options;
    options.controls = ControlOptions::none();
    options.circuit = CircuitOptions{parse_keep_rule(keep), flow};
    Progress progress;
    return *analyze(*make_trace(data), options, progress).circuit;
}

double flow_of(const Circuit& circuit, std::size_t group, int from, int to) {
    for (const CircuitLink& link : circuit.links) {
        if (link.group == group && link.from == from && link.to == to) return link.flow;
    }
    return 0;
}

}  // namespace

TEST_CASE("The smallest set that carries the mass is kept, the lower index first in a tie") {
    const std::vector<double> mass = {0.1, 0.3, 0.2, 0.3, 0.1}, ratio(5, 0.0);
    const auto keep = [&](double p) {
        return kept_experts({KeepRule::Kind::mass, p}, mass, ratio);
    };
    CHECK(keep(0.3) == Kept{1});
    CHECK(keep(0.31) == Kept{1, 3});
    CHECK(keep(0.6) == Kept{1, 3});
    CHECK(keep(0.85) == Kept{0, 1, 2, 3});
    CHECK(keep(1) == Kept{0, 1, 2, 3, 4});
}

TEST_CASE("By ratio those are kept that enough of the tokens choose") {
    const std::vector<double> mass(3, 1.0 / 3), ratio = {0.5, 0.49, 0.9};
    CHECK(kept_experts({KeepRule::Kind::ratio, 0.5}, mass, ratio) == Kept{0, 2});
    CHECK(kept_experts({KeepRule::Kind::ratio, 1}, mass, ratio).empty());
}

TEST_CASE("Every token spreads the product of its weights over k times k pairs") {
    const Circuit circuit = circuit_of(by_hand(), "mass:1", FlowKind::mass);
    // First language: tokens (3/4, 1/4) -> (1/2, 1/2) on experts 0 1 -> 1 2, and
    // (1/2, 1/2) -> (3/4, 1/4) on 0 1 -> 0 2; each token is half of the language.
    CHECK(flow_of(circuit, 0, 0, 1) == 0.75 * 0.5 / 2);
    CHECK(flow_of(circuit, 0, 0, 2) == (0.75 * 0.5 + 0.5 * 0.25) / 2);
    CHECK(flow_of(circuit, 0, 0, 0) == 0.5 * 0.75 / 2);
    CHECK(flow_of(circuit, 0, 1, 1) == 0.25 * 0.5 / 2);
    CHECK(flow_of(circuit, 0, 1, 2) == (0.25 * 0.5 + 0.5 * 0.25) / 2);
    // Second language, second token: (3/4, 1/4) -> (1/2, 1/2) on 2 0 -> 1 2.
    CHECK(flow_of(circuit, 1, 2, 1) == (0.5 + 0.75 * 0.5) / 2);
    CHECK(flow_of(circuit, 1, 1, 1) == 0.25);
}

TEST_CASE("Top 1 flow counts best experts only") {
    const Circuit circuit = circuit_of(by_hand(), "mass:1", FlowKind::top1);
    CHECK(flow_of(circuit, 0, 0, 1) == 0.5);
    CHECK(flow_of(circuit, 0, 0, 0) == 0.5);
    CHECK(flow_of(circuit, 1, 2, 1) == 1);
    CHECK(circuit.links.size() == 3);
}

TEST_CASE("What a group does not keep is in its layer's other node") {
    const Circuit circuit = circuit_of(by_hand(), "mass:0.5", FlowKind::mass);
    // Layer 0: the first language has masses 5/8, 3/8, 0 and keeps expert 0; the second 1/8, 1/4,
    // 5/8 and keeps expert 2.
    REQUIRE(circuit.nodes.size() >= 3);
    const CircuitNode& first = circuit.nodes[0];
    CHECK(first.expert == 0);
    CHECK(first.kind == NodeKind::exclusive);
    REQUIRE(first.groups.size() == 1);
    CHECK(first.groups[0].group == 0);
    CHECK(first.groups[0].mass == 0.625);
    CHECK(circuit.nodes[1].expert == 2);
    CHECK(circuit.nodes[1].groups[0].mass == 0.625);
    const CircuitNode& other = circuit.nodes[2];
    CHECK(other.expert == kOtherNode);
    CHECK(other.kind == NodeKind::other);
    REQUIRE(other.groups.size() == 2);
    CHECK(other.groups[0].mass == 0.375);
    CHECK(other.groups[1].mass == 0.375);
}

TEST_CASE("Nodes kept by all groups are shared, by some partial, by one exclusive") {
    test::PlantedTrace plan;
    plan.languages = 3;
    plan.groups = 1;
    plan.tokens = 1;
    plan.layers = 1;
    plan.experts = 4;
    TraceData data = test::planted_data(plan);
    data.layers[0].experts = Grid<ExpertId>(3, 2, std::vector<ExpertId>{0, 1, 0, 1, 0, 3});
    data.layers[0].weights = Grid<float>(3, 2, 1.0f);
    const Circuit circuit = circuit_of(data, "mass:1", FlowKind::mass);
    REQUIRE(circuit.nodes.size() == 3);
    CHECK(circuit.nodes[0].kind == NodeKind::shared);
    CHECK(circuit.nodes[1].kind == NodeKind::partial);
    CHECK(circuit.nodes[2].kind == NodeKind::exclusive);
    CHECK(circuit.links.empty());
}

TEST_CASE("Sharing is 1 for equal shares, 0 for disjoint ones, and leaves missing groups out") {
    CHECK(sharing(Grid<double>(2, 2, std::vector<double>{0.5, 0.5, 0.5, 0.5})) == 1);
    CHECK(sharing(Grid<double>(2, 2, std::vector<double>{1, 0, 0, 1})) == 0);
    // Distances 1, 1/2 and 1/2.
    const Grid<double> three(3, 2, std::vector<double>{1, 0, 0, 1, 0.5, 0.5});
    CHECK_THAT(sharing(three), WithinAbs(1.0 / 3, 1e-15));
    Grid<double> gap = three;
    gap(2, 0) = gap(2, 1) = kMissing;
    CHECK(sharing(gap) == 0);
    CHECK(std::isnan(sharing(Grid<double>(1, 2, 0.5))));
}
