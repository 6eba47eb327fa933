#include "model/upcycle/upcycle.h"

#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "captures/languages.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/lineage.h"
#include "model/families/family.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"
#include "model/train/training_pass.h"
#include "model/upcycle/layer_list.h"
#include "tests/model/goldens.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/tiny_dense.h"

using namespace alluvium;

namespace {

// Final logits and the experts chosen in each routed layer.
class Outputs : public RoutingObserver {
  public:
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch& batch) override { experts.push_back(batch.experts); }
    void on_output(std::int64_t, const at::Tensor& rows) override { logits = rows; }

    at::Tensor logits;
    std::vector<at::Tensor> experts;
};

Outputs run(const std::filesystem::path& folder) {
    const CheckpointPtr checkpoint = Checkpoint::open(folder);
    const auto model = Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, at::kFloat});
    TokenBatch batch;
    batch.append({5, 17, 33, 2, 60, 41, 8});
    batch.append({63, 1, 1, 20});
    for (std::int64_t& id : batch.ids) id %= model->spec().vocab_size;
    Outputs outputs;
    ForwardPass(model).run(batch, outputs, Progress());
    return outputs;
}

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

UpcycleSummary make(const test::TemporaryFolder& folder, const UpcycleOptions& options) {
    if (!std::filesystem::exists(folder / "dense")) test::TinyDense().write(folder / "dense");
    Progress progress;
    return upcycle(*Checkpoint::open(folder / "dense"), folder / "moe", options, progress);
}

}  // namespace

TEST_CASE(
    "Experts that are copies with weights adding up to 1 compute what the dense model computes",
    "[model]") {
    const test::TemporaryFolder folder;
    make(folder, {.experts = 5, .top_k = 3, .renormalise = true});
    const Outputs dense = run(folder / "dense");
    const Outputs moe = run(folder / "moe");
    REQUIRE(moe.experts.size() == 3);
    // The routers do choose: not every token visits the same experts.
    CHECK(moe.experts[0].select(0, 0).equal(moe.experts[0].select(0, 3)) == false);
    // Three weighted copies are added up where the dense model has one: a few roundings of f32
    // (6e-8 each) in each of 3 layers, on logits of about 1.
    CHECK(at::allclose(dense.logits, moe.logits, 1e-5, 1e-5));
    CHECK_FALSE(at::equal(dense.logits, moe.logits));  // it did take another road
}

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

TEST_CASE("Without renormalised weights the routed layers are weaker than the dense ones",
          "[model]") {
    const test::TemporaryFolder folder;
    make(folder, {.experts = 5, .top_k = 3, .renormalise = false});
    CHECK_FALSE(at::allclose(run(folder / "dense").logits, run(folder / "moe").logits, 1e-2, 1e-2));
}

TEST_CASE("Only the layers that were named are routed, everything else is the dense model's",
          "[model]") {
    const test::TemporaryFolder folder;
    const UpcycleSummary summary = make(folder, {.experts = 4, .top_k = 2, .layers = "last:2"});
    CHECK(summary.routed == std::vector<LayerId>{1, 2});
    const CheckpointPtr dense = Checkpoint::open(folder / "dense");
    const CheckpointPtr moe = Checkpoint::open(folder / "moe");
    CHECK(model_spec(*moe).routed_layers() == summary.routed);
    CHECK(moe->config()["mlp_only_layers"] == Json({0}));
    for (const auto& [name, info] : dense->tensors()) {
        if (moe->has(name)) CHECK(at::equal(moe->tensor(name), dense->tensor(name)));
    }
    const at::Tensor origin = dense->tensor("model.layers.2.mlp.up_proj.weight");
    for (int expert = 0; expert < 4; ++expert) {
        const std::string copy =
            "model.layers.2.mlp.experts." + std::to_string(expert) + ".up_proj.weight";
        CHECK(at::equal(moe->tensor(copy), origin));
    }
}

TEST_CASE("Routers come from the seed, and each layer has its own", "[model]") {
    const test::TemporaryFolder folder;
    const auto router = [&](std::uint64_t seed, const std::string& layers, int layer) {
        make(folder, {.layers = layers, .seed = seed, .overwrite = true});
        return Checkpoint::open(folder / "moe")
            ->tensor("model.layers." + std::to_string(layer) + ".mlp.gate.weight")
            .clone();
    };
    const at::Tensor first = router(1, "all", 2);
    CHECK(at::equal(first, router(1, "all", 2)));
    CHECK(at::equal(first, router(1, "last:1", 2)));
    CHECK_FALSE(at::equal(first, router(2, "all", 2)));
    CHECK_FALSE(at::equal(first, router(1, "all", 1)));
}

TEST_CASE("A checkpoint in shards holds what the one in a single file holds", "[model]") {
    const test::TemporaryFolder folder;
    make(folder, {});
    const std::string whole = content_id(*Checkpoint::open(folder / "moe"));
    const UpcycleSummary summary = make(folder, {.shard_bytes = 50'000, .overwrite = true});
    const CheckpointPtr sharded = Checkpoint::open(folder / "moe");
    CHECK(summary.shards > 3);
    CHECK(sharded->shards().size() == summary.shards);
    CHECK(content_id(*sharded) == whole);
}

TEST_CASE("Origin, seed and the languages of the experts are recorded", "[model]") {
    const test::TemporaryFolder folder;
    make(folder, {.experts_by = ExpertsBy::language, .seed = 9});
    const CheckpointPtr moe = Checkpoint::open(folder / "moe");
    const Lineage lineage = read_lineage(moe->config(), "config");
    REQUIRE(lineage.steps.size() == 1);
    CHECK(lineage.steps[0]["source"] == content_id(*Checkpoint::open(folder / "dense")));
    CHECK(lineage.steps[0]["seed"] == 9);
    CHECK(lineage.experts_by == "language");
    CHECK(lineage.expert_labels == std::vector<std::string>{"ar", "de", "en", "es", "fr", "hi",
                                                            "it", "ja", "ko", "pt", "ru", "zh"});
}

TEST_CASE("What cannot be upcycled is refused and leaves nothing behind", "[model]") {
    const test::TemporaryFolder folder;
    CHECK_THROWS_AS(make(folder, {.experts = 3, .top_k = 4}), UserError);
    CHECK_THROWS_AS(make(folder, {.experts = 9, .experts_by = ExpertsBy::language}), UserError);
    CHECK_THROWS_AS(make(folder, {.experts = 9, .experts_by = ExpertsBy::family}), UserError);
    CHECK_THROWS_AS(make(folder, {.layers = "last:4"}), UserError);
    make(folder, {});
    CHECK_THROWS_AS(make(folder, {}), UserError);  // it exists
    Progress progress;
    CHECK_THROWS_AS(upcycle(*Checkpoint::open(folder / "moe"), folder / "twice", {}, progress),
                    UserError);
    progress.cancel();
    CHECK_THROWS_AS(
        upcycle(*Checkpoint::open(folder / "dense"), folder / "cancelled", {}, progress),
        Cancelled);
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        ++entries;
    }
    CHECK(entries == 2);  // dense and moe
}

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

TEST_CASE("Layers are named in words, numbers and ranges") {
    CHECK(parse_layer_list("all", 3) == std::vector<LayerId>{0, 1, 2});
    CHECK(parse_layer_list("last:1", 3) == std::vector<LayerId>{2});
    CHECK(parse_layer_list("5,0,2-3,3", 6) == std::vector<LayerId>{0, 2, 3, 5});
    for (const char* words :
         {"", "last:0", "last:7", "6", "3-1", "x", "1-", "-1", "1,,2", "all,1"}) {
        CAPTURE(words);
        CHECK_THROWS_AS(parse_layer_list(words, 6), UserError);
    }
}

TEST_CASE("Languages find their experts by code, alias and family") {
    const LanguageTable& table = LanguageTable::instance();
    const std::vector<std::string> majors = expert_labels(ExpertsBy::language, 12, {}, table);
    CHECK(expert_of("zh", ExpertsBy::language, majors, table) == 11);
    CHECK(expert_of("deu_Latn", ExpertsBy::language, majors, table) == 1);
    CHECK(expert_of("sw", ExpertsBy::language, majors, table) == std::nullopt);
    CHECK(expert_of("klingon", ExpertsBy::language, majors, table) == std::nullopt);
    const std::vector<std::string> families = expert_labels(ExpertsBy::family, 7, {}, table);
    CHECK(expert_of("zh", ExpertsBy::family, families, table) == 0);
    CHECK(expert_of("ne", ExpertsBy::family, families, table) == 1);
    CHECK(expert_of("sw", ExpertsBy::family, families, table) == 6);
    const std::vector<std::string> chosen = {"pt", "ar"};
    CHECK(expert_labels(ExpertsBy::language, 2, chosen, table) ==
          std::vector<std::string>{"ar", "pt"});
}
