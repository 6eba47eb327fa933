// Expected tensors by torch, safetensors and PEFT (tests/golden/convert/make.py).
#include "model/convert/convert.h"

#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/lineage.h"
#include "model/checkpoint/safetensors_writer.h"
#include "model/convert/adapted_checkpoint.h"
#include "model/convert/lora_adapter.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/safetensors_file.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

const std::filesystem::path kGolden = ALLUVIUM_SOURCE_DIR "/tests/golden/convert";

ConvertSummary convert_to(const std::filesystem::path& from, const std::filesystem::path& out,
                          const ConvertOptions& options = {}) {
    Progress progress;
    return convert(from, out, options, progress);
}

// Names, types, shapes and values.
void check_equal(const Checkpoint& found, const std::filesystem::path& expected, double tolerance) {
    const auto wanted = test::read_safetensors(expected);
    CHECK(found.tensors().size() == wanted.size());
    for (const auto& [name, tensor] : wanted) {
        CAPTURE(name);
        REQUIRE(found.has(name));
        const at::Tensor own = found.tensor(name);
        REQUIRE(own.scalar_type() == tensor.scalar_type());
        REQUIRE(own.sizes() == tensor.sizes());
        if (tolerance == 0) CHECK(at::equal(own, tensor));
        if (tolerance > 0) CHECK(at::allclose(own, tensor, tolerance, tolerance));
    }
}

std::filesystem::path copied(const std::string& golden, const std::filesystem::path& to) {
    std::filesystem::copy(kGolden / golden, to, std::filesystem::copy_options::recursive);
    return to;
}

}  // namespace

TEST_CASE("Pickled weights come out as torch holds them, bit for bit", "[model][golden]") {
    const test::TemporaryFolder folder;
    const std::string name = GENERATE("pickled", "sharded");
    convert_to(kGolden / name, folder / "out");
    const CheckpointPtr out = Checkpoint::open(folder / "out");
    check_equal(*out, kGolden / name / "expected.tensors", 0);
    CHECK(out->config() == read_json(kGolden / name / "config.json"));
}

TEST_CASE("Weights as torch before 1.6 pickled them come out the same", "[model][golden]") {
    const test::TemporaryFolder folder;
    const auto from = copied("pickled", folder / "from");
    std::filesystem::copy_file(kGolden / "legacy.bin", from / "pytorch_model.bin",
                               std::filesystem::copy_options::overwrite_existing);
    convert_to(from, folder / "out");
    check_equal(*Checkpoint::open(folder / "out"), kGolden / "pickled" / "expected.tensors", 0);
}

TEST_CASE("Damaged files of torch before 1.6 are refused by name", "[model]") {
    const test::TemporaryFolder folder;
    const auto from = copied("pickled", folder / "from");
    const std::string whole = read_file(kGolden / "legacy.bin");
    const auto refused = [&](const std::string& bytes, const std::string& named) {
        write_file_atomically(from / "pytorch_model.bin", bytes);
        CHECK_THROWS_MATCHES(convert_to(from, folder / "out"), UserError,
                             MessageMatches(ContainsSubstring(named)));
    };
    refused(whole.substr(0, whole.size() - 1), "cut short inside its storages");
    refused(whole.substr(0, 200), "cut short");
    std::string calling = whole;
    calling.replace(calling.find("_rebuild_parameter"), 18, "_rebuild_something");
    refused(calling, "torch._utils._rebuild_something");
    std::string smaller = whole;  // what lies behind the storage of "half" is found too early
    smaller.replace(smaller.find("HalfStorage"), 11, "CharStorage");
    refused(smaller, "cut short inside its storages");
}

TEST_CASE("A head that is the embedding once more is left out where the config ties them",
          "[model]") {
    const test::TemporaryFolder folder;
    const auto from = copied("pickled", folder / "from");
    CHECK(convert_to(from, folder / "tied").left_out == std::vector<std::string>{"lm_head.weight"});
    Json config = read_json(from / "config.json");
    config["tie_word_embeddings"] = false;
    write_file_atomically(from / "config.json", config.dump());
    CHECK(convert_to(from, folder / "untied").left_out.empty());
    const CheckpointPtr untied = Checkpoint::open(folder / "untied");
    CHECK(at::equal(untied->tensor("lm_head.weight"), untied->tensor("model.embed_tokens.weight")));
}

TEST_CASE("A LoRA adapter is merged as PEFT merges it", "[model][golden]") {
    const test::TemporaryFolder folder;
    // Attention, router, experts that PEFT holds in one tensor, embeddings, a head trained whole.
    const std::string name = GENERATE("adapted", "adapted_rslora");
    const ConvertSummary summary = convert_to(kGolden / name / "base", folder / "out",
                                              {.adapter = kGolden / name / "adapter"});
    CHECK(summary.changed == 2 + 1 + 3 * 3 + 1 + 1 + 1);
    const CheckpointPtr out = Checkpoint::open(folder / "out");
    // Two sums of f32 in another order; values are of order 1.
    check_equal(*out, kGolden / name / "expected.tensors", 1e-6);
    const Lineage lineage = read_lineage(out->config(), "config");
    CHECK(lineage.steps.back()["step"] == "merge_adapter");
    CHECK(lineage.steps.back()["adapter_name"] == "adapter");
}

TEST_CASE("A checkpoint opened with an adapter has the tensors of the converted one", "[model]") {
    const test::TemporaryFolder folder;
    const std::string name = GENERATE("adapted", "adapted_rslora");
    const auto base = kGolden / name / "base", adapter = kGolden / name / "adapter";
    convert_to(base, folder / "out", {.adapter = adapter});
    const CheckpointPtr converted = Checkpoint::open(folder / "out");
    const CheckpointPtr opened = open_adapted(base, adapter);
    REQUIRE(opened->tensors().size() == converted->tensors().size());
    for (const auto& [tensor, info] : converted->tensors()) {
        CAPTURE(tensor);
        CHECK(at::equal(opened->tensor(tensor), converted->tensor(tensor)));
    }
    CHECK(opened->config() == converted->config());
    CHECK(opened->name() == "base + adapter");
    CHECK(content_id(*opened) != content_id(*Checkpoint::open(base)));
    CHECK(content_id(*opened) == content_id(*open_adapted(base, adapter)));
}

TEST_CASE("An adapter for a tensor that its base stores quantised is refused by name", "[model]") {
    const test::TemporaryFolder folder;
    const std::string weight = "model.layers.0.mlp.gate.weight";
    {
        SafetensorsWriter writer(folder / "adapter_model.safetensors",
                                 {{"base_model.model." + weight, "F32", {2, 4}}});
        writer.write(at::zeros({2, 4}));
        writer.close();
    }
    write_file_atomically(folder / "adapter_config.json",
                          R"({"peft_type": "LORA", "r": 2, "lora_alpha": 6})");
    CHECK_NOTHROW(LoraAdapter(folder.path(), {{weight, {{2, 4}, "BF16"}}}));
    CHECK_THROWS_MATCHES(LoraAdapter(folder.path(), {{weight, {{2, 4}, "F8_E4M3"}}}), UserError,
                         MessageMatches(ContainsSubstring("changes '" + weight +
                                                          "', which the base stores as F8_E4M3")));
}

TEST_CASE("An adapter for experts in one tensor of the file changes each of them", "[model]") {
    const test::TemporaryFolder folder;
    constexpr std::int64_t experts = 3, in = 4, out = 5, rank = 2;
    const at::Tensor low = at::randn({experts * rank, in}), high = at::randn({out, rank * experts});
    const std::string module = "base_model.model.model.layers.0.mlp.experts.";
    {
        SafetensorsWriter writer(folder / "adapter_model.safetensors",
                                 {{module + "lora_A.weight", "F32", low.sizes().vec()},
                                  {module + "lora_B.weight", "F32", high.sizes().vec()}});
        writer.write(low);
        writer.write(high);
        writer.close();
    }
    write_file_atomically(folder / "adapter_config.json",
                          R"({"peft_type": "LORA", "r": 2, "lora_alpha": 6})");
    const bool turned = GENERATE(false, true);
    const std::string name = "model.layers.0.mlp.experts.gate_up_proj";
    const at::Tensor base = turned ? at::randn({experts, in, out}) : at::randn({experts, out, in});
    const LoraAdapter adapter(folder.path(), {{name, {base.sizes().vec(), "F32"}}});
    const at::Tensor found = adapter.merged(name, base);
    double largest = 0;
    for (std::int64_t e = 0; e < experts; ++e) {
        for (std::int64_t o = 0; o < out; ++o) {
            for (std::int64_t i = 0; i < in; ++i) {
                const auto at = [&](const at::Tensor& t) {
                    return (turned ? t[e][i][o] : t[e][o][i]).item<double>();
                };
                double wanted = at(base);
                for (std::int64_t r = 0; r < rank; ++r) {
                    wanted += 6.0 / 2 * high[o][r * experts + e].item<double>() *
                              low[e * rank + r][i].item<double>();
                }
                largest = std::max(largest, std::abs(wanted - at(found)));
            }
        }
    }
    CHECK(largest < 1e-5);  // f32
}

TEST_CASE("Adapters that do not fit are refused by the name of the tensor", "[model]") {
    const test::TemporaryFolder folder;
    const auto base = copied("adapted/base", folder / "base");
    const auto adapter = copied("adapted/adapter", folder / "adapter");
    const auto refused = [&](const std::string& named) {
        CHECK_THROWS_MATCHES(convert_to(base, folder / "out", {.adapter = adapter}), UserError,
                             MessageMatches(ContainsSubstring(named)));
        CHECK_FALSE(std::filesystem::exists(folder / "out"));
    };
    const std::string config = read_file(adapter / "adapter_config.json");
    const auto changed = [&](const char* key, const Json& value) {
        Json json = Json::parse(config);
        json[key] = value;
        write_file_atomically(adapter / "adapter_config.json", json.dump());
    };
    changed("use_dora", true);
    refused("'use_dora'");
    changed("peft_type", "IA3");
    refused("type 'IA3'");
    write_file_atomically(adapter / "adapter_config.json", config);
    // Another base: as large, but without the names.
    std::filesystem::remove_all(base);
    copied("sharded", folder / "base");
    refused("base_model.model.lm_head.weight");
}

TEST_CASE("Damaged files of weights are refused by name and leave nothing behind", "[model]") {
    const test::TemporaryFolder folder;
    const auto from = copied("pickled", folder / "from");
    const std::string whole = read_file(from / "pytorch_model.bin");
    const auto refused = [&](const std::string& bytes, const std::string& named) {
        write_file_atomically(from / "pytorch_model.bin", bytes);
        CHECK_THROWS_MATCHES(convert_to(from, folder / "out"), UserError,
                             MessageMatches(ContainsSubstring(named)));
        CHECK_FALSE(std::filesystem::exists(folder / "out"));
    };
    refused(whole.substr(0, whole.size() / 2), "no sound zip file");
    refused("\x80\x02\x8a\x0al\xfc\x9c", "no file of torch.save");
    // A storage that says it holds more than its member does.
    std::string larger = whole;
    const std::size_t name = larger.find("HalfStorage");
    REQUIRE(name != std::string::npos);
    larger.replace(name, 11, "LongStorage");
    refused(larger, "tensor 'half' reaches beyond its storage");
    std::filesystem::remove(from / "pytorch_model.bin");
    CHECK_THROWS_MATCHES(convert_to(from, folder / "out"), UserError,
                         MessageMatches(ContainsSubstring("neither *.safetensors nor")));
}
