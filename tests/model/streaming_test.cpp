// Weights read layer by layer against the same weights kept in memory.
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/memory.h"
#include "model/forward/memory_plan.h"
#include "tests/model/goldens.h"
#include "tests/support/forward_record.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

// Everything that a pass shows, in the order that it shows it.
class Everything final : public RoutingObserver {
  public:
    bool wants_hidden() const override { return true; }
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch& batch) override {
        for (const at::Tensor& part :
             {batch.input, batch.logits, batch.experts, batch.weights, batch.margin}) {
            shown.push_back(part.clone());
        }
    }
    void on_hidden(LayerId, const at::Tensor& hidden) override { shown.push_back(hidden.clone()); }
    void on_output(std::int64_t, const at::Tensor& logits) override {
        shown.push_back(logits.clone());
    }

    std::vector<at::Tensor> shown;
};

void check_same_bits(const Everything& a, const Everything& b) {
    REQUIRE(a.shown.size() == b.shown.size());
    for (std::size_t i = 0; i < a.shown.size(); ++i) CHECK(at::equal(a.shown[i], b.shown[i]));
}

std::shared_ptr<const Model> load(const CheckpointPtr& checkpoint, at::ScalarType dtype,
                                  Residence residence) {
    return Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, dtype}, residence);
}

}  // namespace

TEST_CASE("A model that is streamed shows the bits of one in memory", "[model]") {
    const std::string name =
        GENERATE("apollo", "apollo_shared_f16_shards", "deepseek_v3", "gpt_oss_mxfp4", "granitemoe",
                 "gemma2", "olmoe_65_experts_top8", "phimoe");
    const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
    CAPTURE(name, dtype);
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint(name));
    const TokenBatch batch = test::golden_batch(name);
    Everything kept, streamed;
    ForwardPass(load(checkpoint, dtype, Residence::memory)).run(batch, kept, Progress{});
    ForwardPass(load(checkpoint, dtype, Residence::checkpoint)).run(batch, streamed, Progress{});
    check_same_bits(kept, streamed);
}

TEST_CASE("Batches that go through the layers together are computed as each alone", "[model]") {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint("apollo"));
    const ForwardPass forward(load(checkpoint, at::kFloat, Residence::checkpoint));
    const std::array batches = {test::random_batch({5, 9}, 40), TokenBatch{},
                                test::random_batch({3, 1, 17}, 40)};
    std::array<Everything, 3> together, alone;
    std::vector<WatchedBatch> watched;
    for (std::size_t b = 0; b < batches.size(); ++b) watched.push_back({batches[b], together[b]});
    forward.run(watched, Progress{});
    for (std::size_t b = 0; b < batches.size(); ++b) {
        CAPTURE(b);
        forward.run(batches[b], alone[b], Progress{});
        check_same_bits(together[b], alone[b]);
    }
}

TEST_CASE("A streamed layer is shared while somebody holds it, and read anew after that",
          "[model]") {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint("apollo"));
    const auto model = load(checkpoint, at::kFloat, Residence::checkpoint);
    std::weak_ptr<const LayerWeights> past;
    {
        const auto held = model->layer(1);
        CHECK(model->layer(1) == held);
        CHECK(model->layer(0) != held);
        past = held;
    }
    CHECK(past.expired());
    CHECK(at::equal(
        model->layer(1)->attention.query.weight,
        load(checkpoint, at::kFloat, Residence::memory)->layer(1)->attention.query.weight));
}

TEST_CASE("A run whose weights are changed on disk under it ends with an error that says so",
          "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden("apollo", folder / "model");
    const CheckpointPtr checkpoint = Checkpoint::open(copy);
    const Residence residence = GENERATE(Residence::memory, Residence::checkpoint);
    // In f32, the checkpoint's own type, the weights in memory are views over the file, too.
    const ForwardPass forward(load(checkpoint, at::kFloat, residence));
    const TokenBatch batch = test::golden_batch("apollo");
    Everything observer;
    CHECK_NOTHROW(forward.run(batch, observer, Progress{}));
    std::filesystem::resize_file(copy / "model.safetensors", 4096);
    CHECK_THROWS_MATCHES(
        forward.run(batch, observer, Progress{}), RunError,
        Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring("cut short")));
}

TEST_CASE("Weights that were copied do not care what becomes of their file", "[model]") {
    const test::TemporaryFolder folder;
    const auto copy = test::copy_golden("apollo_shared_f16_shards", folder / "model");
    const CheckpointPtr checkpoint = Checkpoint::open(copy);
    const ForwardPass forward(load(checkpoint, at::kFloat, Residence::memory));
    for (const std::string& shard : checkpoint->shards()) {
        std::filesystem::resize_file(copy / shard, 1);
    }
    Everything observer;
    CHECK_NOTHROW(
        forward.run(test::golden_batch("apollo_shared_f16_shards"), observer, Progress{}));
}

TEST_CASE("Memory needed is counted in the type of the computation", "[model]") {
    const CheckpointPtr checkpoint =
        Checkpoint::open(test::golden_checkpoint("apollo_shared_f16_shards"));
    const ModelSpec spec = model_spec(*checkpoint);
    // By hand, as in inspect_test.cpp: embedding 640, tied to the head; norm 16; per layer
    constexpr std::uint64_t per_layer = 32 + 272 + 2 * 136 + 256 + 48 + 4 * 576 + 16;
    const MemoryNeed half = memory_need(*checkpoint, spec, {at::kCPU, at::kHalf});
    CHECK(half.weights == 2 * (640 + 16 + 2 * per_layer));
    CHECK(half.largest_layer == 2 * per_layer);  // views: nothing beside them
    CHECK(half.head == 2 * 640);
    const MemoryNeed wide = memory_need(*checkpoint, spec, {at::kCPU, at::kFloat});
    CHECK(wide.weights == 2 * half.weights);
    // The largest tensor, the queries, as it is stored.
    CHECK(wide.largest_layer == 4 * per_layer + 2 * 16 * 16);
    CHECK(wide.work > 2048 * 16 * 4);
}

TEST_CASE("A model streams where it needs more than its budget leaves", "[model]") {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint("apollo"));
    const ModelSpec spec = model_spec(*checkpoint);
    const Compute compute{at::kCPU, at::kFloat};
    const MemoryNeed need = memory_need(*checkpoint, spec, compute);
    const auto planned = [&](std::uint64_t beside) {
        return plan_memory(*checkpoint, spec, compute, resident_memory() + beside);
    };
    // The resident size may move a little between two looks at it.
    constexpr std::uint64_t kSlack = 32'000'000;
    const MemoryPlan roomy = planned(need.weights + need.work + kSlack);
    CHECK_FALSE(roomy.streams);
    CHECK(roomy.sentence().find("stream") == std::string::npos);
    CHECK(planned(need.largest_layer + need.work / 2).streams);
    CHECK_THROWS_MATCHES(
        plan_memory(*checkpoint, spec, compute, 1'000'000), UserError,
        Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring("largest layer")));
    CHECK_FALSE(plan_memory(*checkpoint, spec, compute, 0).asked);
}

TEST_CASE("What was found about memory is said in one sentence", "[model]") {
    MemoryPlan plan;
    plan.need.weights = 60'000'000'000;
    plan.need.work = 1'100'000'000;
    plan.room = 18'200'000'000;
    plan.streams = true;
    CHECK(plan.sentence() == "needs 61.1 GB, 18.2 GB free: will stream layer by layer");
    plan.asked = true;
    CHECK(plan.sentence() == "needs 61.1 GB, --memory leaves 18.2 GB: will stream layer by layer");
    plan.streams = false;
    plan.asked = false;
    plan.room = 90'000'000'000;
    CHECK(plan.sentence() == "needs 61.1 GB, 90.0 GB free");
}

}  // namespace alluvium
