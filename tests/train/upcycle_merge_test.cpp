// Experts from several models that were fine-tuned from one base.
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/lineage.h"
#include "tests/train/upcycled.h"

using namespace alluvium;
using test::make;
using test::run;

namespace {

// What became of the dense model by training: every weight is another one.
void write_tuned(const std::filesystem::path& dense, const std::filesystem::path& folder,
                 double change) {
    const CheckpointPtr source = Checkpoint::open(dense);
    std::filesystem::create_directories(folder);
    const std::vector<TensorToWrite> tensors = test::TinyDense().tensors();
    SafetensorsWriter writer(folder / "model.safetensors", tensors);
    for (const TensorToWrite& tensor : tensors) writer.write(source->tensor(tensor.name) + change);
    writer.close();
    std::filesystem::copy(dense / "config.json", folder / "config.json");
}

}  // namespace

TEST_CASE("Experts of merged models are theirs to the bit, the rest is their mean or the base's",
          "[model]") {
    const test::TemporaryFolder folder;
    test::TinyDense().write(folder / "dense");
    write_tuned(folder / "dense", folder / "a", 0.5);
    write_tuned(folder / "dense", folder / "b", -2.0);
    const MergedRest rest = GENERATE(MergedRest::mean, MergedRest::base);
    make(folder, {.experts = 3,
                  .layers = "last:2",
                  .merge = {folder / "a", folder / "b"},
                  .merged_rest = rest});
    const CheckpointPtr base = Checkpoint::open(folder / "dense");
    const CheckpointPtr a = Checkpoint::open(folder / "a");
    const CheckpointPtr b = Checkpoint::open(folder / "b");
    const CheckpointPtr moe = Checkpoint::open(folder / "moe");
    const std::string mlp = "model.layers.1.mlp.";
    for (const char* part : {"gate_proj.weight", "up_proj.weight", "down_proj.weight"}) {
        for (const auto& [expert, model] : {std::pair{"0.", a}, {"1.", b}, {"2.", a}}) {
            CHECK(at::equal(moe->tensor(mlp + "experts." + expert + part),
                            model->tensor(mlp + part)));
        }
    }
    for (const char* name : {"model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight",
                             "model.layers.2.self_attn.q_proj.bias"}) {
        CAPTURE(name);
        const at::Tensor wanted = rest == MergedRest::base
                                      ? base->tensor(name)
                                      : (a->tensor(name) + b->tensor(name)) / 2.0;
        CHECK(at::equal(moe->tensor(name), wanted));
    }
    const Lineage lineage = read_lineage(moe->config(), "config");
    const Json& step = lineage.steps.back();
    CHECK(step["source"] == content_id(*base));
    CHECK(step["merged"][1]["source"] == content_id(*b));
    CHECK(step["merged"][0]["source_name"] == "a");
    CHECK(step["rest"] == (rest == MergedRest::base ? "base" : "mean"));
}

TEST_CASE("Merging a model with itself computes what the dense model computes", "[model]") {
    const test::TemporaryFolder folder;
    test::TinyDense().write(folder / "dense");
    make(folder, {.experts = 4,
                  .top_k = 2,
                  .renormalise = true,
                  .merge = {folder / "dense", folder / "dense"}});
    CHECK(at::allclose(run(folder / "dense").logits, run(folder / "moe").logits, 1e-5, 1e-5));
}

TEST_CASE("Models of different bases are refused, saying where they differ", "[model]") {
    const test::TemporaryFolder folder;
    test::TinyDense().write(folder / "dense");
    const auto refused = [&](const test::TinyDense& other, const Json& changes,
                             const std::string& named) {
        other.write(folder / "other");
        Json config = other.config();
        config.update(changes);
        write_file_atomically(folder / "other" / "config.json", config.dump());
        CHECK_THROWS_MATCHES(
            make(folder, {.merge = {folder / "other"}}), UserError,
            Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring(named)));
    };
    refused({}, {{"rope_theta", 500.0}}, "key 'rope_theta' of its config is 500.0");
    refused({.width = 64}, {{"intermediate_size", 48}}, "mlp.down_proj.weight' has shape [32, 64]");
    CHECK_THROWS_AS(
        make(folder, {.experts = 1, .top_k = 1, .merge = {folder / "dense", folder / "dense"}}),
        UserError);
    refused({.layers = 2}, {{"num_hidden_layers", 3}}, "it has no tensor 'model.layers.2.");
}
