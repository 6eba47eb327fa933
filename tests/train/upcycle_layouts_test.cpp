// Which dense families become which routed layout.
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "model/train/training_pass.h"
#include "tests/model/goldens.h"
#include "tests/train/upcycled.h"

using namespace alluvium;
using test::make;
using test::Outputs;
using test::run;

namespace {

// The dense model under another family's name: with the tensors that the family has besides,
// without those that it has not.
void write_dense(const std::filesystem::path& folder, const Json& changes) {
    const test::TinyDense dense;
    dense.write(folder / "qwen2");
    const CheckpointPtr source = Checkpoint::open(folder / "qwen2");
    Json config = dense.config();
    config.update(changes);
    std::vector<TensorToWrite> tensors;
    for (const TensorToWrite& tensor : dense.tensors()) {
        if (!tensor.name.ends_with("_proj.bias")) tensors.push_back(tensor);
    }
    const std::size_t shared = tensors.size();
    if (config["model_type"] == "qwen3") {
        for (std::int64_t layer = 0; layer < dense.layers; ++layer) {
            for (const char* norm : {"q_norm", "k_norm"}) {
                tensors.push_back(
                    {"model.layers." + std::to_string(layer) + ".self_attn." + norm + ".weight",
                     "F32",
                     {dense.hidden / dense.heads}});
            }
        }
    }
    std::filesystem::create_directories(folder / "dense");
    SafetensorsWriter writer(folder / "dense" / "model.safetensors", tensors);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        writer.write(i < shared ? source->tensor(tensors[i].name).clone()
                                : at::linspace(0.5, 1.5, tensors[i].shape[0]));
    }
    writer.close();
    write_file_atomically(folder / "dense" / "config.json", config.dump());
}

// The checkpoint with every tensor in f32, so that rounding hides nothing.
void write_in_f32(const std::filesystem::path& from, const std::filesystem::path& to) {
    const CheckpointPtr source = Checkpoint::open(from);
    std::vector<TensorToWrite> tensors;
    for (const auto& [name, info] : source->tensors()) tensors.push_back({name, "F32", info.shape});
    std::filesystem::create_directories(to);
    SafetensorsWriter writer(to / "model.safetensors", tensors);
    for (const TensorToWrite& tensor : tensors) {
        writer.write(source->tensor(tensor.name).to(at::kFloat));
    }
    writer.close();
    std::filesystem::copy(from / "config.json", to / "config.json");
}

}  // namespace

TEST_CASE("Llama, Mistral and Qwen3 are upcycled to what computes the same", "[model]") {
    const auto [changes, routed] = GENERATE(table<Json, std::string>({
        {{{"model_type", "llama"}, {"attention_bias", false}}, "upcycling-qwen2-moe"},
        {{{"model_type", "llama"},
          {"rope_scaling",
           {{"rope_type", "llama3"},
            {"factor", 8.0},
            {"low_freq_factor", 1.0},
            {"high_freq_factor", 4.0},
            {"original_max_position_embeddings", 16}}}},
         "upcycling-qwen2-moe"},
        {{{"model_type", "mistral"}, {"sliding_window", 3}}, "upcycling-qwen2-moe"},
        {{{"model_type", "mistral"}, {"sliding_window", nullptr}}, "upcycling-qwen2-moe"},
        {{{"model_type", "qwen3"}, {"head_dim", 8}}, "qwen3_moe"},
    }));
    CAPTURE(changes.dump());
    const test::TemporaryFolder folder;
    write_dense(folder.path(), changes);
    make(folder, {.experts = 5, .top_k = 3, .layers = "last:2", .renormalise = true});
    CHECK(Checkpoint::open(folder / "moe")->config()["model_type"] == routed);
    const Outputs moe = run(folder / "moe");
    REQUIRE(moe.experts.size() == 2);
    // As above: roundings of f32 on logits of about 1.
    CHECK(at::allclose(run(folder / "dense").logits, moe.logits, 1e-5, 1e-5));
}

TEST_CASE("Gemma is upcycled to a plain decoder that computes the same", "[model]") {
    const std::string layout = GENERATE("auto", "qwen2_moe");
    const test::TemporaryFolder folder;
    write_in_f32(test::golden_checkpoint("gemma"), folder / "dense");
    const CheckpointPtr gemma = Checkpoint::open(folder / "dense");
    Progress progress;
    upcycle(*gemma, folder / "moe", {.experts = 3, .layout = layout, .renormalise = true},
            progress);
    const CheckpointPtr moe = Checkpoint::open(folder / "moe");
    const ModelSpec spec = model_spec(*moe);
    CHECK(spec.embedding_multiplier == 1);
    CHECK(spec.final_norm.weight_offset == 0);
    CHECK(moe->config()["hidden_act"] == "gelu_pytorch_tanh");
    // As above.
    CHECK(at::allclose(run(folder / "dense").logits, run(folder / "moe").logits, 1e-5, 1e-5));
}

TEST_CASE("What Gemma is upcycled to has the same loss in training as at inference", "[model]") {
    const test::TemporaryFolder folder;
    write_in_f32(test::golden_checkpoint("gemma"), folder / "dense");
    Progress progress;
    upcycle(*Checkpoint::open(folder / "dense"), folder / "moe", {.experts = 3}, progress);
    const CheckpointPtr moe = Checkpoint::open(folder / "moe");
    const ModelSpec spec = model_spec(*moe);
    const TrainedWeights weights(*moe, spec, at::kFloat);
    // The first of the two texts that run() reads.
    const at::Tensor ids = at::tensor({5, 17, 33, 2, 60, 41, 8}, at::kLong) % spec.vocab_size;
    const PassResult pass =
        training_pass(spec, weights, {ids.unsqueeze(0), at::full({1, 6}, -1, at::kLong)},
                      {.routing = TrainingRouting::top_k});
    const at::Tensor logits = run(folder / "moe").logits.narrow(0, 0, 6).to(at::kDouble);
    const at::Tensor expected = at::cross_entropy_loss(logits, ids.narrow(0, 1, 6));
    // Roundings of f32 on a loss of about 5.
    CHECK(std::abs(pass.cross_entropy.item<double>() - expected.item<double>()) < 1e-5);
}

TEST_CASE("In the layout of Qwen2-MoE the shared expert contributes nothing yet", "[model]") {
    const Json changes = GENERATE(Json{{"model_type", "llama"}, {"attention_bias", false}},
                                  Json{{"model_type", "mistral"}, {"sliding_window", 3}});
    const test::TemporaryFolder folder;
    write_dense(folder.path(), changes);
    const UpcycleSummary summary =
        make(folder,
             {.experts = 5, .top_k = 3, .layers = "1", .layout = "qwen2_moe", .renormalise = true});
    CHECK(summary.layout == "qwen2_moe");
    const CheckpointPtr moe = Checkpoint::open(folder / "moe");
    CHECK(moe->config()["model_type"] == "qwen2_moe");
    REQUIRE(model_spec(*moe).layers[1].moe()->shared);
    // Like every other weight that training has to move, it is not all 0.
    CHECK(moe->tensor("model.layers.1.mlp.shared_expert.up_proj.weight").abs().max().item<float>() >
          0);
    CHECK(at::allclose(run(folder / "dense").logits, run(folder / "moe").logits, 1e-5, 1e-5));
}

TEST_CASE("A layout without a place for all parts of the dense model is refused", "[model]") {
    const test::TemporaryFolder folder;
    write_dense(folder.path(), {{"model_type", "qwen3"}, {"head_dim", 8}});
    CHECK_THROWS_MATCHES(make(folder, {.layout = "apollo"}), UserError,
                         Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring(
                             "'apollo' has no place for all parts of 'qwen3'")));
}

TEST_CASE("A dense model with parts that no routed layout has is refused by name", "[model]") {
    const auto [golden, named] = GENERATE(
        table<std::string, std::string>({{"gemma2", "family 'gemma2', which cannot be upcycled"},
                                         {"llama_llama3", "key 'attention_bias'"},
                                         {"qwen3_window", "key 'use_sliding_window'"}}));
    const test::TemporaryFolder folder;
    Progress progress;
    CHECK_THROWS_MATCHES(
        upcycle(*Checkpoint::open(test::golden_checkpoint(golden)), folder / "moe", {}, progress),
        UserError, Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring(named)));
}
