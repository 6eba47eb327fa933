#include "model/flow/flow.h"

#include <map>
#include <set>

#include <catch2/catch_approx.hpp>

#include "base/error.h"
#include "model/flow/lens.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

Engine specimen() {
    return load_engine(ALLUVIUM_BINARY_DIR "/assets/specimen-untrained",
                       {.device = "cpu", .dtype = "f32"});
}

InformationFlow follow(const Engine& engine, const FlowOptions& options) {
    Progress progress;
    return information_flow(engine, "Water is cold.", options, progress);
}

}  // namespace

TEST_CASE("Without a threshold the edges into a token after a layer add up to 1", "[model]") {
    const Engine engine = specimen();
    const InformationFlow flow = follow(engine, {.threshold = 0.0});
    std::map<std::pair<LayerId, std::uint32_t>, double> sums;
    for (const FlowEdge& edge : flow.edges) {
        sums[{edge.layer, edge.to}] += edge.contribution;
        double heads = 0;
        for (const FlowHead& head : edge.heads) heads += head.contribution;
        if (edge.kind == FlowPartKind::attention) CHECK(heads == Catch::Approx(edge.contribution));
        CHECK(edge.from <= edge.to);
    }
    CHECK(sums.size() == static_cast<std::size_t>(flow.layers - 1) * flow.tokens.size() + 1);
    for (const auto& [place, sum] : sums) CHECK(sum == Catch::Approx(1.0));
}

TEST_CASE("A walk follows only what brings enough, from where it arrived", "[model]") {
    const Engine engine = specimen();
    const InformationFlow flow = follow(engine, {.token = 3, .threshold = 0.08});
    CHECK(flow.token == 3);
    REQUIRE_FALSE(flow.edges.empty());
    std::set<std::pair<LayerId, std::uint32_t>> reached = {{flow.layers - 1, 3}};
    for (const FlowEdge& edge : flow.edges) {
        CHECK(edge.contribution >= 0.08);
        CHECK(reached.contains({edge.layer, edge.to}));
        reached.insert({edge.layer - 1, edge.from});
        CHECK((edge.kind == FlowPartKind::expert) == (edge.expert >= 0));
    }
    CHECK_THROWS_AS(follow(engine, {.token = 1000}), UserError);
}

TEST_CASE("The lens of the last layer is the model's own prediction", "[model]") {
    const Engine engine = specimen();
    Progress progress;
    const Lens lens = logit_lens(engine, "Water is cold.", {}, progress);
    REQUIRE(lens.layers.size() == engine.model->spec().layers.size() + 1);
    CHECK(lens.layers.front().layer == -1);
    CHECK(lens.layers.back().final_rank == 1);
    CHECK(lens.layers.back().predicted.front().token.id == lens.predicted.id);
    const InformationFlow flow = follow(engine, {});
    CHECK(flow.predicted.front().token.id == lens.predicted.id);
    CHECK(flow.predicted.front().score == Catch::Approx(lens.layers.back().final_probability));
    // 2 chosen experts in each of the routed layers.
    std::size_t experts = 0;
    for (const LensPart& part : lens.parts) experts += part.kind == FlowPartKind::expert ? 1 : 0;
    CHECK(experts == 2 * engine.model->spec().routed_layers().size());
}

TEST_CASE("The graph for circuit-tracer's viewer has no loose ends", "[model]") {
    const Engine engine = specimen();
    const Json graph = circuit_tracer_json(follow(engine, {.threshold = 0.05}), "water");
    CHECK(graph["metadata"]["schema_version"] == 1);
    CHECK(graph["metadata"]["slug"] == "water");
    std::set<std::string> ids;
    for (const Json& node : graph["nodes"]) {
        CHECK(ids.insert(node["node_id"]).second);
        CHECK(node["ctx_idx"].get<std::size_t>() < graph["metadata"]["prompt_tokens"].size());
    }
    REQUIRE_FALSE(graph["links"].empty());
    for (const Json& link : graph["links"]) {
        CHECK(ids.contains(link["source"]));
        CHECK(ids.contains(link["target"]));
    }
}
