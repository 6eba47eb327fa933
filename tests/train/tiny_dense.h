#pragma once
// A Qwen2 checkpoint of a few thousand random weights, written by the test itself.
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "base/files.h"
#include "base/json.h"
#include "model/checkpoint/safetensors_writer.h"

namespace alluvium::test {

struct TinyDense {
    std::int64_t layers = 3, hidden = 32, heads = 4, key_heads = 2, width = 48, vocabulary = 64;

    Json config() const {
        return {{"architectures", {"Qwen2ForCausalLM"}},
                {"model_type", "qwen2"},
                {"hidden_act", "silu"},
                {"hidden_size", hidden},
                {"intermediate_size", width},
                {"num_hidden_layers", layers},
                {"num_attention_heads", heads},
                {"num_key_value_heads", key_heads},
                {"rms_norm_eps", 1e-6},
                {"rope_theta", 10000.0},
                {"tie_word_embeddings", true},
                {"torch_dtype", "float32"},
                {"vocab_size", vocabulary}};
    }

    std::vector<TensorToWrite> tensors() const {
        std::vector<TensorToWrite> all;
        const auto add = [&all](const std::string& name, std::vector<std::int64_t> shape) {
            all.push_back({name, "F32", std::move(shape)});
        };
        const std::int64_t keys = hidden / heads * key_heads;
        add("model.embed_tokens.weight", {vocabulary, hidden});
        for (std::int64_t l = 0; l < layers; ++l) {
            const std::string layer = "model.layers." + std::to_string(l) + ".";
            add(layer + "input_layernorm.weight", {hidden});
            add(layer + "post_attention_layernorm.weight", {hidden});
            add(layer + "self_attn.q_proj.weight", {hidden, hidden});
            add(layer + "self_attn.q_proj.bias", {hidden});
            for (const char* name : {"k_proj", "v_proj"}) {
                add(layer + "self_attn." + name + ".weight", {keys, hidden});
                add(layer + "self_attn." + name + ".bias", {keys});
            }
            add(layer + "self_attn.o_proj.weight", {hidden, hidden});
            add(layer + "mlp.gate_proj.weight", {width, hidden});
            add(layer + "mlp.up_proj.weight", {width, hidden});
            add(layer + "mlp.down_proj.weight", {hidden, width});
        }
        add("model.norm.weight", {hidden});
        return all;
    }

    void write(const std::filesystem::path& folder) const {
        std::filesystem::create_directories(folder);
        SafetensorsWriter writer(folder / "model.safetensors", tensors());
        at::Generator random = at::detail::createCPUGenerator(7);
        for (const TensorToWrite& tensor : tensors()) {
            const bool norm = tensor.name.find("norm") != std::string::npos;
            const double deviation =
                norm ? 0.1 : 1.0 / std::sqrt(static_cast<double>(tensor.shape.back()));
            writer.write(at::randn(tensor.shape, random, at::TensorOptions(at::kFloat)) *
                             deviation +
                         (norm ? 1.0 : 0.0));
        }
        writer.close();
        write_file_atomically(folder / "config.json", config().dump());
    }
};

}  // namespace alluvium::test
