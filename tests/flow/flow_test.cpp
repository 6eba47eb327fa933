#include "model/flow/flow.h"

#include <map>
#include <set>

#include <catch2/catch_approx.hpp>

#include "base/error.h"
#include "base/files.h"
#include "model/flow/lens.h"
#include "tests/support/temporary_folder.h"
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

// What circuit_tracer/frontend/graph_models.py asks for (pydantic models Metadata, QParams, Node
// and Link), and what its viewer, attribution_graph/util-cg.js, takes for granted.
TEST_CASE("The graph has every field that circuit-tracer's data model and viewer ask for",
          "[model]") {
    const Engine engine = specimen();
    const Json graph = circuit_tracer_json(follow(engine, {.threshold = 0.05}), "water");
    const Json& metadata = graph.at("metadata");
    CHECK(metadata.at("slug").is_string());
    CHECK(metadata.at("scan").is_string());
    CHECK(metadata.at("prompt").is_string());
    CHECK(metadata.at("transcoder_list").is_array());
    CHECK(metadata.at("prompt_tokens").is_array());
    CHECK(metadata.at("node_threshold").is_number());
    const Json& params = graph.at("qParams");
    CHECK(params.at("pinnedIds").is_array());
    CHECK(params.at("supernodes").is_array());
    for (const char* name : {"linkType", "clickedId", "sg_pos"}) CHECK(params.at(name).is_string());
    const std::set<std::string> types{"cross layer transcoder", "mlp reconstruction error",
                                      "embedding", "logit"};
    std::size_t predictions = 0;
    for (const Json& node : graph.at("nodes")) {
        for (const char* name : {"node_id", "jsNodeId", "layer", "feature_type", "clerp"}) {
            CHECK(node.at(name).is_string());
        }
        for (const char* name : {"feature", "ctx_idx", "run_idx", "reverse_ctx_idx"}) {
            CHECK(node.at(name).is_number_integer());
        }
        CHECK(types.contains(node.at("feature_type")));
        CHECK(node.at("is_target_logit").is_boolean());
        CHECK(node.at("token_prob").is_number());
        // The slider shows nodes whose cumulative influence is at most its place: all at 1.
        CHECK(node.at("influence").get<double>() > 0);
        CHECK(node.at("influence").get<double>() <= metadata.at("node_threshold").get<double>());
        if (node.at("feature_type") != "logit") continue;
        ++predictions;
        // clerp.split('(p=')[1].split(')')[0] has to be a number.
        const std::string words = node.at("clerp");
        const std::size_t at = words.find("(p=");
        REQUIRE(at != std::string::npos);
        CHECK(std::stod(words.substr(at + 3)) ==
              Catch::Approx(node.at("token_prob").get<double>()).margin(5e-4));
        CHECK(words.starts_with("Output \""));
    }
    CHECK(predictions > 0);
    for (const Json& link : graph.at("links")) CHECK(link.at("weight").is_number());
}

TEST_CASE("A flow that was written as JSON reads back as it was", "[model]") {
    const Engine engine = specimen();
    const Json json = flow_json(follow(engine, {}));
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "flow.json", json.dump());
    CHECK(flow_json(read_information_flow((folder / "flow.json").string())) == json);
    write_file_atomically(folder / "other.json", "{\"model\": 3}");
    CHECK_THROWS_AS(read_information_flow((folder / "other.json").string()), UserError);
    Json astray = json;
    astray["edges"][0]["from"] = 1000;
    write_file_atomically(folder / "astray.json", astray.dump());
    CHECK_THROWS_AS(read_information_flow((folder / "astray.json").string()), UserError);
}
