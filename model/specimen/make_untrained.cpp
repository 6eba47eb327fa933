// Makes a small checkpoint for tests: random weights from a fixed seed in the Apollo-MoE layout, with a
// tokenizer of one token per byte. Its routing has learned nothing, and its name says so. Run by the
// build: make_untrained OUT_FOLDER
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <filesystem>
#include <iostream>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/checkpoint/safetensors_writer.h"

namespace {

using namespace alluvium;

constexpr std::int64_t kLayers = 8, kHidden = 96, kHeads = 6, kKeyHeads = 2, kWidth = 128;
constexpr std::int64_t kExperts = 12, kTopK = 2, kVocabulary = 257;
constexpr std::uint64_t kSeed = 20241014;

Json config() {
    return {{"architectures", {"UpcyclingQwen2MoeForCausalLM"}},
            {"model_type", "upcycling-qwen2-moe"},
            {"hidden_act", "silu"},
            {"hidden_size", kHidden},
            {"intermediate_size", kWidth},
            {"num_hidden_layers", kLayers},
            {"num_attention_heads", kHeads},
            {"num_key_value_heads", kKeyHeads},
            {"num_experts", kExperts},
            {"num_experts_per_tok", kTopK},
            {"norm_topk_prob", false},
            {"share_flag", false},
            {"mlp_only_layers", Json::array()},
            {"decoder_sparse_step", 1},
            {"max_position_embeddings", 2048},
            {"rms_norm_eps", 1e-6},
            {"rope_theta", 10000.0},
            {"tie_word_embeddings", true},
            {"torch_dtype", "bfloat16"},
            {"vocab_size", kVocabulary},
            {"alluvium_note", "untrained: random weights from a fixed seed"}};
}

struct Weight {
    TensorToWrite tensor;
    double deviation;  // of the normal draw
    double mean;
};

std::vector<Weight> weights() {
    std::vector<Weight> result;
    const auto add = [&result](const std::string& name, std::vector<std::int64_t> shape,
                               double deviation, double mean = 0) {
        result.push_back({{name, "BF16", std::move(shape)}, deviation, mean});
    };
    // Variance gain / fan-in keeps the residual stream's size over the layers; the router's rows
    // give logits with a standard deviation of about 2, as trained routers have.
    const auto linear = [&add](const std::string& name, std::int64_t out, std::int64_t in, double gain) {
        add(name, {out, in}, gain / std::sqrt(static_cast<double>(in)));
    };
    constexpr std::int64_t head = kHidden / kHeads;
    add("model.embed_tokens.weight", {kVocabulary, kHidden}, 1.0);
    for (std::int64_t l = 0; l < kLayers; ++l) {
        const std::string layer = "model.layers." + std::to_string(l) + ".";
        add(layer + "input_layernorm.weight", {kHidden}, 0.1, 1.0);
        add(layer + "post_attention_layernorm.weight", {kHidden}, 0.1, 1.0);
        for (const auto& [name, rows] : {std::pair{"q_proj", kHidden}, {"k_proj", kKeyHeads * head},
                                         {"v_proj", kKeyHeads * head}}) {
            linear(layer + "self_attn." + name + ".weight", rows, kHidden, 1.3);
            add(layer + "self_attn." + name + ".bias", {rows}, 0.3);
        }
        linear(layer + "self_attn.o_proj.weight", kHidden, kHidden, 1.0);
        linear(layer + "mlp.gate.weight", kExperts, kHidden, 2.0);
        for (std::int64_t e = 0; e < kExperts; ++e) {
            const std::string expert = layer + "mlp.experts." + std::to_string(e) + ".";
            linear(expert + "gate_proj.weight", kWidth, kHidden, 1.3);
            linear(expert + "up_proj.weight", kWidth, kHidden, 1.3);
            linear(expert + "down_proj.weight", kHidden, kWidth, 1.0);
        }
    }
    add("model.norm.weight", {kHidden}, 0.1, 1.0);
    return result;
}

// The printable stand-ins of GPT-2 for the 256 bytes.
std::string byte_symbol(int byte) {
    const auto printable = [](int b) {
        return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
    };
    std::uint32_t code_point = static_cast<std::uint32_t>(byte);
    if (!printable(byte)) {
        code_point = 256;
        for (int b = 0; b < byte; ++b) code_point += printable(b) ? 0 : 1;
    }
    std::string symbol;
    append_utf8(symbol, code_point);
    return symbol;
}

Json tokenizer() {
    Json vocabulary = Json::object();
    for (int byte = 0; byte < 256; ++byte) vocabulary[byte_symbol(byte)] = byte;
    const Json byte_level = {{"type", "ByteLevel"},
                             {"add_prefix_space", false},
                             {"trim_offsets", false},
                             {"use_regex", true}};
    return {{"version", "1.0"},
            {"added_tokens",
             {{{"id", 256},
               {"content", "<|endoftext|>"},
               {"single_word", false},
               {"lstrip", false},
               {"rstrip", false},
               {"normalized", false},
               {"special", true}}}},
            {"normalizer", {{"type", "NFC"}}},
            {"pre_tokenizer", byte_level},
            {"post_processor", byte_level},
            {"decoder", byte_level},
            {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}};
}

void write_weights(const std::filesystem::path& path) {
    const std::vector<Weight> all = weights();
    std::vector<TensorToWrite> tensors;
    for (const Weight& w : all) tensors.push_back(w.tensor);
    SafetensorsWriter writer(path, tensors, {{"format", "pt"}});
    at::Generator random = at::detail::createCPUGenerator(kSeed);
    for (const Weight& w : all) {
        const at::Tensor draw = at::randn(w.tensor.shape, random, at::TensorOptions(at::kFloat));
        writer.write((draw * w.deviation + w.mean).to(at::kBFloat16));
    }
    writer.close();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    try {
        const std::filesystem::path folder = argv[1];
        std::filesystem::create_directories(folder);
        write_weights(folder / "model.safetensors");
        write_file_atomically(folder / "tokenizer.json", tokenizer().dump(1));
        write_file_atomically(folder / "config.json", config().dump(1));
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "error: " << e.what() << '\n';
        return 1;
    }
}
