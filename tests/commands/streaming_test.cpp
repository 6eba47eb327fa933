// A checkpoint that is larger than the memory it may use, through the program as a person runs it.
#include <cstdint>
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "captures/routing_trace.h"
#include "tests/support/program.h"

using namespace alluvium;
using test::quoted;

namespace {

constexpr int kLayers = 24, kHidden = 256, kWidth = 1024, kExperts = 8, kVocabulary = 500;

// How a checkpoint is made.
struct Making {
    int layers = kLayers;
    int experts = kExperts;
    bool fp8 = false;  // the matrices, each as one block
};

// Random numbers of either sign.
class Numbers {
  public:
    // In bf16, of the size 2^exponent.
    std::string bf16(std::size_t count, int exponent) {
        std::string bytes(2 * count, '\0');
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t random = next();
            const std::uint32_t bits = (random & 0x8000U) |
                                       static_cast<std::uint32_t>(127 + exponent) << 7U |
                                       (random & 0x7fU);
            bytes[2 * i] = static_cast<char>(bits & 0xffU);
            bytes[2 * i + 1] = static_cast<char>(bits >> 8U);
        }
        return bytes;
    }
    // In FP8 (E4M3), of the size 1/4.
    std::string fp8(std::size_t count) {
        std::string bytes(count, '\0');
        for (char& byte : bytes) byte = static_cast<char>((next() & 0x87U) | 0x28U);
        return bytes;
    }

  private:
    std::uint32_t next() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::uint32_t>(state_ >> 40U);
    }

    std::uint64_t state_ = 7;
};

struct Matrix {
    std::string name;
    std::vector<int> shape;
    int exponent = -5;
    bool fp8 = false;

    std::size_t numbers() const {
        std::size_t count = 1;
        for (const int size : shape) count *= static_cast<std::size_t>(size);
        return count;
    }
    std::size_t bytes() const { return fp8 ? numbers() : 2 * numbers(); }
};

void add_factors(std::vector<Matrix>& matrices) {
    const std::size_t count = matrices.size();
    for (std::size_t m = 0; m < count; ++m) {
        Matrix& matrix = matrices[m];
        matrix.fp8 = matrix.name.ends_with("_proj.weight");
        const Matrix factor{matrix.name + "_scale_inv", {1, 1}, matrix.exponent + 2};
        if (matrix.fp8) matrices.push_back(factor);
    }
}

std::vector<Matrix> matrices(const Making& making) {
    std::vector<Matrix> all = {{"model.embed_tokens.weight", {kVocabulary, kHidden}, -1},
                               {"model.norm.weight", {kHidden}, 0}};
    for (int l = 0; l < making.layers; ++l) {
        const std::string layer = "model.layers." + std::to_string(l) + ".";
        all.push_back({layer + "input_layernorm.weight", {kHidden}, 0});
        all.push_back({layer + "post_attention_layernorm.weight", {kHidden}, 0});
        for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
            all.push_back({layer + "self_attn." + name + ".weight", {kHidden, kHidden}});
            all.push_back({layer + "self_attn." + name + ".bias", {kHidden}});
        }
        all.push_back({layer + "self_attn.o_proj.weight", {kHidden, kHidden}});
        all.push_back({layer + "mlp.gate.weight", {making.experts, kHidden}, -3});
        for (int e = 0; e < making.experts; ++e) {
            const std::string expert = layer + "mlp.experts." + std::to_string(e) + ".";
            all.push_back({expert + "gate_proj.weight", {kWidth, kHidden}});
            all.push_back({expert + "up_proj.weight", {kWidth, kHidden}});
            all.push_back({expert + "down_proj.weight", {kHidden, kWidth}, -6});
        }
    }
    if (making.fp8) add_factors(all);
    return all;
}

// As it stands 315 MB in bf16, 630 MB computed in f32.
void write_checkpoint(const std::filesystem::path& folder, const Making& making = {}) {
    std::filesystem::create_directories(folder);
    Json config = {{"model_type", "upcycling-qwen2-moe"},
                   {"hidden_act", "silu"},
                   {"hidden_size", kHidden},
                   {"intermediate_size", kWidth},
                   {"num_hidden_layers", making.layers},
                   {"num_attention_heads", 4},
                   {"num_key_value_heads", 4},
                   {"num_experts", making.experts},
                   {"num_experts_per_tok", 2},
                   {"tie_word_embeddings", true},
                   {"vocab_size", kVocabulary},
                   {"torch_dtype", "bfloat16"}};
    if (making.fp8) {
        config["quantization_config"] = {{"quant_method", "fp8"},
                                         {"weight_block_size", {kWidth, kWidth}}};
    }
    std::ofstream(folder / "config.json") << config.dump();
    const std::vector<Matrix> all = matrices(making);
    Json header = Json::object();
    std::size_t end = 0;
    for (const Matrix& matrix : all) {
        header[matrix.name] = {{"dtype", matrix.fp8 ? "F8_E4M3" : "BF16"},
                               {"shape", matrix.shape},
                               {"data_offsets", {end, end + matrix.bytes()}}};
        end += matrix.bytes();
    }
    std::ofstream file(folder / "model.safetensors", std::ios::binary);
    const std::string text = header.dump();
    for (int shift = 0; shift < 64; shift += 8) file.put(static_cast<char>(text.size() >> shift));
    file << text;
    Numbers numbers;
    for (const Matrix& matrix : all) {
        file << (matrix.fp8 ? numbers.fp8(matrix.numbers())
                            : numbers.bf16(matrix.numbers(), matrix.exponent));
    }
}

void write_prompts(const std::filesystem::path& path) {
    std::ofstream file(path);
    for (int p = 0; p < 12; ++p) {
        Json ids = Json::array();
        for (int t = 0; t < 40; ++t) ids.push_back((p * 131 + t * t * 17) % kVocabulary);
        file << Json{{"ids", ids}, {"language", p % 2 == 0 ? "fr" : "ar"}}.dump() << "\n";
    }
}

struct Measured {
    int exit_code = -1;
    std::uint64_t peak = 0;  // resident bytes, the most there ever were
    std::string errors;
};

Measured measured_program(const std::string& arguments, const std::filesystem::path& errors) {
    const std::string line = "exec " + quoted(ALLUVIUM_BINARY_DIR "/app/alluvium") + " " +
                             arguments + " >/dev/null 2>" + quoted(errors);
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128,
            static_cast<std::uint64_t>(usage.ru_maxrss) * 1024, read_file(errors)};
}

// The folder's model on its prompts, into a trace that is named after the memory.
Measured captured(const test::TemporaryFolder& folder, const std::string& memory) {
    return measured_program("capture " + quoted(folder / "model") + " --prompts " +
                                quoted(folder / "prompts.jsonl") +
                                " --device cpu --dtype f32 --precision f32 --batch-tokens 160 "
                                "--record experts,weights,logits,nll --memory " +
                                memory + " -o " + quoted(folder / (memory + ".h5")),
                            folder / "errors.txt");
}

}  // namespace

TEST_CASE("a model twice as large as --memory is streamed within it, with the same trace",
          "[model]") {
    const test::TemporaryFolder folder;
    write_checkpoint(folder / "model");
    write_prompts(folder / "prompts.jsonl");
    const auto capture = [&](const std::string& memory) { return captured(folder, memory); };
    constexpr double kBudget = 350e6;
    const Measured whole = capture("4GB");
    INFO(whole.errors);
    REQUIRE(whole.exit_code == 0);
    CHECK(whole.errors.find("stream") == std::string::npos);
    CHECK(static_cast<double>(whole.peak) > 2 * kBudget);

    const Measured streamed = capture("350MB");
    INFO(streamed.errors);
    REQUIRE(streamed.exit_code == 0);
    CHECK_THAT(streamed.errors, Catch::Matchers::ContainsSubstring("will stream layer by layer"));
    CHECK(static_cast<double>(streamed.peak) < 1.1 * kBudget);

    const TracePtr a = open_trace((folder / "4GB.h5").string());
    const TracePtr b = open_trace((folder / "350MB.h5").string());
    const TokenRange all{0, a->header().token_count};
    REQUIRE(a->layers().size() == kLayers);
    for (std::size_t layer = 0; layer < a->layers().size(); ++layer) {
        CHECK(a->experts(layer, all) == b->experts(layer, all));
        CHECK(a->weights(layer, all) == b->weights(layer, all));
        CHECK(a->logits(layer, all) == b->logits(layer, all));
    }

    const Measured refused = capture("150MB");
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.errors, Catch::Matchers::ContainsSubstring("--memory"));
}

TEST_CASE("evaluate streams a model twice as large as --memory, with the same numbers", "[model]") {
    const test::TemporaryFolder folder;
    write_checkpoint(folder / "model");
    std::filesystem::copy_file(ALLUVIUM_SOURCE_DIR
                               "/tests/golden/evaluate/checkpoint/tokenizer.json",
                               folder / "model" / "tokenizer.json");
    write_prompts(folder / "prompts.jsonl");
    write_file_atomically(folder / "exam_en.json", R"json([
        {"question": "Where?", "options": "(A) here\n(B) there", "answer": "(B)"},
        {"question": "Who?", "options": "(A) you\n(B) I", "answer": "(A)"}])json");
    const auto evaluate = [&](const std::string& memory) {
        return measured_program(
            "evaluate " + quoted(folder / "model") + " --text " + quoted(folder / "prompts.jsonl") +
                " --questions " + quoted(folder / "exam_en.json") +
                " --device cpu --dtype f32 --window 40 --batch-tokens 40 --memory " + memory +
                " --json " + quoted(folder / (memory + ".json")),
            folder / "errors.txt");
    };
    constexpr double kBudget = 350e6;
    const Measured whole = evaluate("4GB");
    INFO(whole.errors);
    REQUIRE(whole.exit_code == 0);
    CHECK(static_cast<double>(whole.peak) > 2 * kBudget);
    const Measured streamed = evaluate("350MB");
    INFO(streamed.errors);
    REQUIRE(streamed.exit_code == 0);
    CHECK_THAT(streamed.errors, Catch::Matchers::ContainsSubstring("will stream layer by layer"));
    CHECK(static_cast<double>(streamed.peak) < 1.1 * kBudget);
    CHECK(read_file(folder / "4GB.json") == read_file(folder / "350MB.json"));
}

TEST_CASE("a layer of FP8 experts that is decoded larger than --memory is decoded one by one",
          "[model]") {
    const test::TemporaryFolder folder;
    // A layer's experts: 50 MB as they are stored, 201 MB in f32.
    write_checkpoint(folder / "model", {.layers = 2, .experts = 64, .fp8 = true});
    write_prompts(folder / "prompts.jsonl");
    const auto capture = [&](const std::string& memory) { return captured(folder, memory); };
    const Measured whole = capture("2GB");
    INFO(whole.errors);
    REQUIRE(whole.exit_code == 0);
    CHECK(static_cast<double>(whole.peak) > 400e6);
    const Measured streamed = capture("240MB");
    INFO(streamed.errors);
    REQUIRE(streamed.exit_code == 0);
    CHECK(static_cast<double>(streamed.peak) < 1.1 * 240e6);
    const TracePtr a = open_trace((folder / "2GB.h5").string());
    const TracePtr b = open_trace((folder / "240MB.h5").string());
    const TokenRange all{0, a->header().token_count};
    for (std::size_t layer = 0; layer < 2; ++layer) {
        CHECK(a->experts(layer, all) == b->experts(layer, all));
        CHECK(a->logits(layer, all) == b->logits(layer, all));
    }
}
