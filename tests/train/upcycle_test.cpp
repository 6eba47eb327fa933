#include "base/error.h"
#include "captures/languages.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/lineage.h"
#include "model/upcycle/layer_list.h"
#include "tests/train/upcycled.h"

using namespace alluvium;
using test::make;
using test::Outputs;
using test::run;

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
