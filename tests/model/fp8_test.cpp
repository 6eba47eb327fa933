// Block-scaled FP8 weights compute what the numbers that they stand for compute.
#include "model/checkpoint/fp8.h"

#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "model/checkpoint/safetensors_writer.h"
#include "model/families/inspect.h"
#include "tests/model/goldens.h"
#include "tests/support/forward_record.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

constexpr std::int64_t kRows = 5, kColumns = 3;  // of a block: no divisors of the matrices' sizes

bool is_quantised(const std::string& name, const TensorInfo& info) {
    return info.shape.size() == 2 && name.find("_proj.weight") != std::string::npos;
}

at::Tensor scales_for(const std::vector<std::int64_t>& shape) {
    const std::int64_t rows = (shape[0] + kRows - 1) / kRows;
    const std::int64_t columns = (shape[1] + kColumns - 1) / kColumns;
    return at::linspace(0.25, 3, rows * columns).view({rows, columns});
}

// Number by number.
at::Tensor by_hand(const at::Tensor& codes, const at::Tensor& scales) {
    const at::Tensor wide = codes.to(at::kFloat);
    at::Tensor result = at::empty_like(wide);
    for (std::int64_t r = 0; r < wide.size(0); ++r) {
        for (std::int64_t c = 0; c < wide.size(1); ++c) {
            result[r][c] = wide[r][c].item<float>() * scales[r / kRows][c / kColumns].item<float>();
        }
    }
    return result;
}

struct Written {
    std::vector<TensorToWrite> heads;
    std::vector<at::Tensor> tensors;

    void add(const std::string& name, const std::string& dtype, const at::Tensor& tensor) {
        heads.push_back({name, dtype, tensor.sizes().vec()});
        tensors.push_back(tensor);
    }
    void write(const std::filesystem::path& folder, const Json& config) const {
        std::filesystem::create_directories(folder);
        SafetensorsWriter writer(folder / "model.safetensors", heads);
        for (const at::Tensor& tensor : tensors) writer.write(tensor);
        writer.close();
        write_file_atomically(folder / "config.json", config.dump());
    }
};

// The golden's matrices in FP8, and, in another folder, the numbers that these stand for.
void write_both(const std::filesystem::path& folder) {
    const CheckpointPtr golden = Checkpoint::open(test::golden_checkpoint("apollo"));
    Written quantised, plain;
    for (const auto& [name, info] : golden->tensors()) {
        const at::Tensor tensor = golden->tensor(name).to(at::kFloat);
        if (!is_quantised(name, info)) {
            quantised.add(name, "F32", tensor);
            plain.add(name, "F32", tensor);
            continue;
        }
        const at::Tensor codes = tensor.to(at::kFloat8_e4m3fn);
        const at::Tensor scales = scales_for(info.shape);
        quantised.add(name, "F8_E4M3", codes);
        quantised.add(name + "_scale_inv", "F32", scales);
        plain.add(name, "F32", by_hand(codes, scales));
    }
    Json config = golden->config();
    plain.write(folder / "plain", config);
    config["quantization_config"] = {{"quant_method", "fp8"},
                                     {"activation_scheme", "dynamic"},
                                     {"weight_block_size", {kRows, kColumns}}};
    quantised.write(folder / "fp8", config);
}

}  // namespace

TEST_CASE("A checkpoint in block-scaled FP8 routes and computes as its numbers do", "[model]") {
    const test::TemporaryFolder folder;
    write_both(folder.path());
    const TokenBatch batch = test::golden_batch("apollo");
    const auto plain = test::run_forward(folder / "plain", {.dtype = at::kFloat}, batch);
    const auto fp8 = test::run_forward(folder / "fp8", {.dtype = at::kFloat}, batch);
    CHECK(at::equal(fp8.hidden, plain.hidden));
    REQUIRE(fp8.layers.size() == plain.layers.size());
    for (std::size_t layer = 0; layer < fp8.layers.size(); ++layer) {
        CHECK(at::equal(fp8.layers[layer].experts, plain.layers[layer].experts));
    }
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
        const CheckpointPtr checkpoint = Checkpoint::open(folder / "fp8");
        const auto streamed = Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, dtype},
                                          Residence::checkpoint);
        test::ForwardRecord record;
        ForwardPass(streamed).run(batch, record, Progress{});
        const auto whole = test::run_forward(folder / "plain", {.dtype = dtype}, batch);
        CHECK(at::equal(record.hidden, whole.hidden));
    }
    // Factors are no parameters.
    const Inspection inspection = inspect(*Checkpoint::open(folder / "fp8"));
    CHECK(inspection.problems.empty());
    CHECK(inspection.parameters_total ==
          inspect(*Checkpoint::open(folder / "plain")).parameters_total);
}

TEST_CASE("Factors that do not fit, and FP8 without factors, are refused by the tensor's name",
          "[model]") {
    const test::TemporaryFolder folder;
    write_both(folder.path());
    const auto config = folder / "fp8/config.json";
    Json json = read_json(config);
    json["quantization_config"]["weight_block_size"] = {4, 4};
    write_file_atomically(config, json.dump());
    CHECK_THROWS_MATCHES(
        test::run_forward(folder / "fp8", {.dtype = at::kFloat}, test::golden_batch("apollo")),
        UserError, MessageMatches(ContainsSubstring("weight_scale_inv' has shape")));

    const CheckpointPtr golden = Checkpoint::open(test::golden_checkpoint("apollo"));
    Written bare;
    for (const auto& [name, info] : golden->tensors()) {
        const bool small = is_quantised(name, info);
        bare.add(name, small ? "F8_E4M3" : "F32",
                 golden->tensor(name).to(small ? at::kFloat8_e4m3fn : at::kFloat));
    }
    bare.write(folder / "bare", golden->config());
    const Inspection inspection = inspect(*Checkpoint::open(folder / "bare"));
    REQUIRE(inspection.problems.size() == 1);
    CHECK_THAT(inspection.problems[0].what, ContainsSubstring("_scale_inv' beside it"));
}

TEST_CASE("Quantisations that are not read are refused by name, saying what to do", "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden("apollo", folder / "copy");
    Json config = read_json(copy / "config.json");
    for (const auto& [method, advice] : {std::pair{"gptq", "made from"},
                                         {"awq", "made from"},
                                         {"bitsandbytes", "dequantize()"},
                                         {"compressed-tensors", "FP8"}}) {
        config["quantization_config"] = {{"quant_method", method}};
        write_file_atomically(copy / "config.json", config.dump());
        const Inspection inspection = inspect(*Checkpoint::open(copy));
        REQUIRE(inspection.problems.size() == 1);
        CHECK_THAT(inspection.problems[0].what,
                   ContainsSubstring("quantisation '" + std::string(method) + "'"));
        CHECK_THAT(inspection.problems[0].hint, ContainsSubstring(advice));
    }
    std::filesystem::create_directories(folder / "gguf");
    write_file_atomically(folder / "gguf/config.json", "{}");
    write_file_atomically(folder / "gguf/model-q4.gguf", "GGUF");
    CHECK_THROWS_MATCHES(Checkpoint::open(folder / "gguf"), UserError,
                         MessageMatches(ContainsSubstring("as GGUF ('model-q4.gguf')")));
}
