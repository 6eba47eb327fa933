#include "model/families/inspect.h"

#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "tests/model/goldens.h"
#include "tests/model/safetensors_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"

namespace alluvium {

TEST_CASE("Inspection counts layers, parameters and bytes from the headers", "[model]") {
    const CheckpointPtr checkpoint =
        Checkpoint::open(test::golden_checkpoint("apollo_shared_f16_shards"));
    const Inspection found = inspect(*checkpoint);
    CHECK(found.name == "checkpoint");
    CHECK(found.family == "upcycling-qwen2-moe");
    CHECK(found.hidden_size == 16);
    CHECK(found.vocab_size == 40);
    REQUIRE(found.layers.size() == 2);
    CHECK(found.layers[1].routed);
    CHECK(found.layers[1].experts == 3);
    CHECK(found.layers[1].top_k == 2);
    CHECK(found.layers[1].shared_experts == 1);
    CHECK(found.problems.empty());
    // By hand: embedding 40*16, final norm 16; per layer two norms 2*16, attention q 16*16+16,
    // k and v each 8*16+8, o 16*16, router 3*16, four feed-forward parts of 3*12*16, shared
    // gate 16.
    const std::uint64_t per_layer = 32 + 272 + 2 * 136 + 256 + 48 + 4 * 576 + 16;
    CHECK(found.parameters_total == 640 + 16 + 2 * per_layer);
    CHECK(found.parameters_active == 640 + 16 + 2 * (per_layer - 576));
    CHECK(found.bytes_by_dtype ==
          std::map<std::string, std::uint64_t>{{"F16", 2 * found.parameters_total}});
    CHECK(found.memory_needed > 2 * found.parameters_total);
}

TEST_CASE("Experts that share a tensor are counted one by one", "[model]") {
    const Inspection found = inspect(*Checkpoint::open(test::golden_checkpoint("granitemoe")));
    // By hand: tied embedding 40*20, final norm 20; per layer two norms 2*20, attention 400, 80,
    // 80 and 400, router 6*20, six experts of 3*10*20, three of them chosen.
    const std::uint64_t per_layer = 40 + 960 + 120 + 6 * 600;
    CHECK(found.parameters_total == 820 + 2 * per_layer);
    CHECK(found.parameters_active == 820 + 2 * (per_layer - 3 * 600));
}

TEST_CASE("Numbers in MXFP4 are counted as numbers, and as memory what they decode to", "[model]") {
    const Inspection found = inspect(*Checkpoint::open(test::golden_checkpoint("gpt_oss_mxfp4")));
    // By hand: embedding and head 2*40*64, final norm 64; per layer two norms 2*64, queries 64*16,
    // keys and values 2*64*8, output 16*64, their biases 16+8+8+64, two sinks, router 3*64+3,
    // three experts of 3*64*32 with biases 64+64.
    const std::uint64_t expert = 3 * 64 * 32 + 128;
    const std::uint64_t per_layer = 128 + 1024 + 1024 + 1024 + 96 + 2 + 195 + 3 * expert;
    const std::uint64_t total = 2 * 40 * 64 + 64 + 2 * per_layer;
    CHECK(found.parameters_total == total);
    CHECK(found.parameters_active == total - 2 * expert);
    CHECK(found.memory_needed > 2 * total);
    CHECK(found.bytes_by_dtype.at("U8") < 2 * 3 * expert);
}

TEST_CASE("A config alone tells the layers, the rule and the parameters of its checkpoint",
          "[model]") {
    const std::string name =
        GENERATE("qwen3_moe", "mixtral_window", "olmoe_65_experts_top8", "deepseek_v2",
                 "deepseek_v3", "glm4_moe", "gpt_oss", "gpt_oss_mxfp4", "granitemoe", "phimoe",
                 "minimax_m2", "llama_llama3", "qwen3_next", "qwen3_5_moe", "llama4",
                 "ernie4_5_moe", "kimi_k2");
    CAPTURE(name);
    const auto folder = test::golden_checkpoint(name);
    const Inspection whole = inspect(*Checkpoint::open(folder));
    const Inspection alone = inspect_file(folder / "config.json");
    CHECK(alone.problems.empty());
    CHECK(alone.family == whole.family);
    CHECK(inspection_json(alone)["layers"] == inspection_json(whole)["layers"]);
    CHECK(inspection_json(alone)["router"] == inspection_json(whole)["router"]);
    CHECK(alone.parameters_total == whole.parameters_total);
    CHECK(alone.parameters_active == whole.parameters_active);
    CHECK(inspection_json(alone)["bytes_on_disk"].is_null());
    CHECK(alone.unchecked.size() == 3);
    CHECK(whole.unchecked.empty());
}

TEST_CASE("Layers that a config keeps dense are shown dense", "[model]") {
    const test::TemporaryFolder folder;
    Json config = read_json(test::golden_checkpoint("qwen3_moe") / "config.json");
    config["num_hidden_layers"] = 6;
    config["decoder_sparse_step"] = 2;  // layers 1, 3 and 5
    config["mlp_only_layers"] = {3};
    std::ofstream(folder / "renamed.json") << config.dump();
    const Inspection found = inspect_file(folder / "renamed.json");
    std::vector<bool> routed;
    for (const InspectedLayer& layer : found.layers) routed.push_back(layer.routed);
    CHECK(routed == std::vector<bool>{false, true, false, false, false, true});
}

TEST_CASE("An index alone tells which tensors there are, and misses those that are not",
          "[model]") {
    const test::TemporaryFolder folder;
    const auto golden = test::golden_checkpoint("apollo_shared_f16_shards");
    const std::filesystem::path index = folder / "model.safetensors.index.json";
    std::filesystem::copy_file(golden / index.filename(), index);
    const Inspection bare = inspect_file(index);
    CHECK(bare.family == "unknown");
    REQUIRE(bare.layers.size() == 2);
    CHECK(bare.layers[1].experts == 3);
    CHECK(bare.problems.empty());
    CHECK(bare.unchecked.size() == 4);
    CHECK(inspection_json(bare)["parameters"]["total"].is_null());

    std::filesystem::copy_file(golden / "config.json", folder / "config.json");
    const Inspection whole = inspect(*Checkpoint::open(golden));
    const Inspection found = inspect_file(index);
    CHECK(found.problems.empty());
    CHECK(found.parameters_total == whole.parameters_total);
    CHECK(found.layers.size() == whole.layers.size());

    Json content = read_json(index);
    content["weight_map"].erase("model.norm.weight");
    std::ofstream(index) << content.dump();
    const Inspection torn = inspect_file(index);
    REQUIRE(torn.problems.size() == 1);
    CHECK_THAT(torn.problems[0].what,
               Catch::Matchers::ContainsSubstring("'model.norm.weight' is missing"));
}

TEST_CASE("A JSON file that is neither config nor index is refused", "[model]") {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "tokenizer.json") << R"({"version":"1.0"})";
    CHECK_THROWS_AS(inspect_file(folder / "tokenizer.json"), UserError);
    std::ofstream(folder / "list.json") << "[1]";
    CHECK_THROWS_AS(inspect_file(folder / "list.json"), UserError);
}

TEST_CASE("An unknown family is shown as far as its headers tell", "[model]") {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "config.json")
        << R"({"model_type":"gigamoe","hidden_size":4,"vocab_size":9})";
    test::write_safetensors(folder / "model.safetensors",
                            {{"model.layers.0.mlp.up.weight", test::zeros_bf16({4, 4})},
                             {"model.layers.1.mlp.experts.0.w", test::zeros_bf16({4, 4})},
                             {"model.layers.1.mlp.experts.1.w", test::zeros_bf16({4, 4})}});
    const Inspection found = inspect(*Checkpoint::open(folder.path()));
    CHECK(found.family == "gigamoe");
    CHECK(found.parameters_total == 48);
    CHECK_FALSE(found.parameters_active.has_value());
    REQUIRE(found.layers.size() == 2);
    CHECK_FALSE(found.layers[0].routed);
    CHECK(found.layers[1].routed);
    CHECK(found.layers[1].experts == 2);
    REQUIRE(found.problems.size() == 1);
    CHECK_THAT(found.problems[0].what, Catch::Matchers::ContainsSubstring("gigamoe"));
}

TEST_CASE("Inspection as JSON has every key that scripts may rely on", "[model]") {
    const Json json =
        inspection_json(inspect(*Checkpoint::open(test::golden_checkpoint("apollo"))));
    CHECK(json["layers"][0]["kind"] == "dense");
    CHECK(json["layers"][2]["kind"] == "moe");
    CHECK(json["layers"][2]["experts"] == 10);
    CHECK(json["router"]["scoring"] == "softmax");
    CHECK(json["router"]["renormalise"] == false);
    CHECK_FALSE(json["router"]["sentence"].get<std::string>().empty());
    CHECK(json["parameters"]["active"] < json["parameters"]["total"]);
    CHECK(json["problems"].empty());
    const Json dense =
        inspection_json(inspect(*Checkpoint::open(test::golden_checkpoint("qwen2"))));
    CHECK(dense["router"].is_null());
    CHECK(dense["parameters"]["active"] == dense["parameters"]["total"]);
}

}  // namespace alluvium
