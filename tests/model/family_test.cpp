#include "model/families/family.h"

#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "tests/model/altered_golden.h"
#include "tests/support/reference_data.h"
#include "tests/support/torch_test.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

auto says(const std::string& text) {
    return MessageMatches(ContainsSubstring(text));
}

ModelSpec golden_spec(const std::string& name) {
    return model_spec(*Checkpoint::open(test::golden_checkpoint(name)));
}

using Altered = test::AlteredGolden;

}  // namespace

TEST_CASE("Routed layers are those whose router exists, whatever the config says", "[model]") {
    CHECK(golden_spec("apollo").routed_layers() == std::vector<LayerId>{1, 2});
    // This one's config has no mlp_only_layers.
    CHECK(golden_spec("apollo_shared_f16_shards").routed_layers() == std::vector<LayerId>{0, 1});
    CHECK(golden_spec("qwen2_moe").routed_layers() == std::vector<LayerId>{1, 2});
    CHECK(golden_spec("qwen2").routed_layers().empty());

    Altered lying("apollo");
    lying.config["mlp_only_layers"] = {0, 1, 2};
    CHECK(lying.spec().routed_layers() == std::vector<LayerId>{1, 2});
}

TEST_CASE("With share_flag one expert and one choice of the config are the shared expert",
          "[model]") {
    const ModelSpec sharing = golden_spec("apollo_shared_f16_shards");
    const MoeSpec& moe = *sharing.layers[0].moe();
    CHECK(moe.rule.experts == 3);
    CHECK(moe.rule.top_k == 2);
    CHECK(moe.rule.shared_experts == 1);
    REQUIRE(moe.shared.has_value());
    CHECK(moe.shared->gate.has_value());
    const ModelSpec not_sharing = golden_spec("apollo");
    const MoeSpec& plain = *not_sharing.layers[1].moe();
    CHECK(plain.rule.experts == 10);
    CHECK(plain.rule.top_k == 2);
    CHECK_FALSE(plain.shared.has_value());
}

TEST_CASE("Both styles of config give the rotary base", "[model]") {
    CHECK(golden_spec("olmoe_65_experts_top8").layers[0].attention.rotary.theta == 10000.0);
    CHECK(golden_spec("qwen2").layers[0].attention.rotary.theta == 1e6);
    CHECK(golden_spec("apollo").layers[0].attention.rotary.theta == 1e6);
}

TEST_CASE("Windows, clips, norms and ties come from the config", "[model]") {
    const ModelSpec window = golden_spec("qwen2_window");
    CHECK(window.layers[0].attention.window == 0);
    CHECK(window.layers[1].attention.window == 4);
    CHECK(window.output.weight.tensor == "lm_head.weight");
    CHECK(golden_spec("qwen2").output.weight.tensor == "model.embed_tokens.weight");
    const AttentionSpec olmoe = golden_spec("olmoe_65_experts_top8").layers[0].attention;
    CHECK(olmoe.clip == 1.0);
    CHECK(olmoe.query_norm->weight.shape == std::vector<std::int64_t>{16});
    CHECK_FALSE(olmoe.query.bias.has_value());
}

TEST_CASE("A missing, left over or wrongly shaped tensor is named with its shapes", "[model]") {
    Altered model("qwen2_moe");
    const std::string up = "model.layers.1.mlp.experts.3.up_proj.weight";
    SECTION("missing") {
        model.tensors.erase(up);
        CHECK_THROWS_MATCHES(model.spec(), UserError,
                             says("tensor '" + up + "' is missing, expected shape [8, 20]"));
    }
    SECTION("wrong shape") {
        model.tensors[up] = test::zeros_bf16({20, 8});
        CHECK_THROWS_MATCHES(model.spec(), UserError,
                             says("tensor '" + up + "' has shape [20, 8], expected [8, 20]"));
    }
    SECTION("left over") {
        model.tensors["model.layers.7.mlp.gate.weight"] = test::zeros_bf16({4, 4});
        CHECK_THROWS_MATCHES(model.spec(), UserError,
                             says("tensor 'model.layers.7.mlp.gate.weight' [4, 4] is left over"));
    }
    SECTION("quantised") {
        model.tensors[up] = {"I8", {8, 20}, std::string(160, 'x')};
        CHECK_THROWS_MATCHES(
            model.spec(), UserError,
            says("tensor '" + up + "' is I8, expected F32, F16, BF16, or F8_E4M3"));
    }
    SECTION("more experts than tensors") {
        model.config["num_experts"] = 13;
        CHECK_THROWS_MATCHES(model.spec(), UserError, says("expected [13, 20]"));
    }
}

TEST_CASE("Stored rotary frequencies and a head beside a tied embedding are no left-overs",
          "[model]") {
    Altered model("qwen2");
    model.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = test::zeros_bf16({4});
    model.tensors["lm_head.weight"] = test::zeros_bf16({56, 24});
    CHECK_NOTHROW(model.spec());
}

TEST_CASE("What cannot be computed is refused by name, with what is supported", "[model]") {
    Altered model("apollo");
    SECTION("family") {
        model.config["model_type"] = "gigamoe";
        CHECK_THROWS_MATCHES(model.spec(), UserError, says("model family 'gigamoe'"));
        try {
            model.spec();
        } catch (const UserError& e) {
            CHECK_THAT(e.hint(), ContainsSubstring("olmoe"));
        }
    }
    SECTION("no family") {
        model.config.erase("model_type");
        CHECK_THROWS_MATCHES(model.spec(), UserError, says("key 'model_type'"));
    }
    SECTION("activation") {
        model.config["hidden_act"] = "relu6";
        CHECK_THROWS_MATCHES(model.spec(), UserError, says("activation 'relu6'"));
    }
    SECTION("rotary scaling") {
        const std::string style = GENERATE("rope_scaling", "rope_parameters");
        model.config[style] = {{"rope_type", "giraffe"}, {"factor", 4.0}, {"rope_theta", 1e6}};
        CHECK_THROWS_MATCHES(model.spec(), UserError, says("rotary scaling 'giraffe'"));
    }
    SECTION("quantisation") {
        model.config["quantization_config"] = {{"quant_method", "gptq"}};
        CHECK_THROWS_MATCHES(model.spec(), UserError, says("quantisation 'gptq'"));
    }
    SECTION("a rule that chooses more experts than there are") {
        model.config["num_experts_per_tok"] = 11;
        CHECK_THROWS_AS(model.spec(), UserError);
    }
}

TEST_CASE("Scaling without the numbers it needs is refused by key", "[model]") {
    const auto [type, key] = GENERATE(table<std::string, std::string>({
        {"linear", "rope_scaling.factor"},
        {"dynamic", "rope_scaling.factor"},
        {"llama3", "rope_scaling.factor"},
        {"longrope", "rope_scaling.short_factor"},
    }));
    Altered model("apollo");
    model.config["rope_scaling"] = {{"rope_type", type}};
    CHECK_THROWS_MATCHES(model.spec(), UserError, says("key '" + key + "'"));
}

TEST_CASE("A sliding window may be absent, null or a number", "[model]") {
    Altered model("mistral_window");
    CHECK(model.spec().layers[1].attention.window == 4);
    model.config["sliding_window"] = nullptr;
    CHECK(model.spec().layers[1].attention.window == 0);
    model.config.erase("sliding_window");
    CHECK(model.spec().layers[1].attention.window == 4096);
}

TEST_CASE("Soft caps may be absent, null or a number", "[model]") {
    Altered model("gemma2");
    CHECK(model.spec().logit_softcap == 2.0);
    model.config["final_logit_softcapping"] = nullptr;
    CHECK_FALSE(model.spec().logit_softcap.has_value());
    model.config.erase("final_logit_softcapping");
    CHECK(model.spec().logit_softcap == 30.0);
}

TEST_CASE("Layers behind the last one are let be where a family predicts further ahead",
          "[model]") {
    Altered model("deepseek_v3");
    model.tensors["model.layers.2.eh_proj.weight"] = test::zeros_bf16({20, 40});
    CHECK_NOTHROW(model.spec());
    model.tensors["model.layers.1.eh_proj.weight"] = test::zeros_bf16({20, 40});
    CHECK_THROWS_MATCHES(model.spec(), UserError, says("'model.layers.1.eh_proj.weight'"));
}

TEST_CASE("Published configs are understood, those of FP8 and MXFP4 checkpoints too", "[model]") {
    const auto data = test::reference_data();
    if (!data) SKIP("the folder with published configs is not there");
    const std::string name =
        GENERATE("Phi-mini-MoE-instruct", "Qwen--Qwen3-235B-A22B", "Qwen--Qwen3-30B-A3B",
                 "granite-3.1-1b-a400m", "mistralai--Mixtral-8x7B-v0.1", "openai--gpt-oss-20b",
                 "deepseek-ai--DeepSeek-V3");
    CAPTURE(name);
    const test::TemporaryFolder folder;
    std::filesystem::copy_file(*data / "configs" / (name + "_config.json"), folder / "config.json");
    const CheckpointPtr described = Checkpoint::open_description(folder.path());
    CHECK(described_spec(*described).layers.size() == described->config()["num_hidden_layers"]);
}

TEST_CASE("What a model has beyond a plain decoder is told in words", "[model]") {
    CHECK(parts_beyond_plain(golden_spec("apollo")).empty());
    CHECK(parts_beyond_plain(golden_spec("qwen3_moe")).empty());
    CHECK(parts_beyond_plain(golden_spec("llama_llama3")).empty());
    CHECK(parts_beyond_plain(golden_spec("deepseek_v3")).front() == "latent attention");
    for (const char* golden :
         {"gpt_oss", "gemma", "gemma2", "phi", "granitemoe", "phimoe", "glm4_moe"}) {
        CAPTURE(golden);
        CHECK_FALSE(parts_beyond_plain(golden_spec(golden)).empty());
    }
}

TEST_CASE("Config keys of the wrong kind are named, never a crash", "[model]") {
    const auto [key, value] = GENERATE(table<std::string, Json>({
        {"hidden_size", "twenty"},
        {"hidden_size", -20},
        {"hidden_size", 21},
        {"num_attention_heads", 0},
        {"num_key_value_heads", 2},
        {"num_hidden_layers", 2.5},
        {"vocab_size", nullptr},
        {"rms_norm_eps", "small"},
        {"rope_theta", -1},
        {"rope_scaling", "yarn"},
        {"num_experts", 0},
        {"norm_topk_prob", "yes"},
        {"tie_word_embeddings", 1},
        {"share_flag", "no"},
        {"intermediate_size", Json::array()},
    }));
    CAPTURE(key, value.dump());
    Altered model("apollo");
    model.config[key] = value;
    CHECK_THROWS_MATCHES(model.spec(), UserError, says("config.json"));
}

}  // namespace alluvium
