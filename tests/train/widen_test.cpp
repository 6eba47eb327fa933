#include "model/upcycle/widen.h"

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/families/family.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"
#include "model/upcycle/upcycle.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/tiny_dense.h"

using namespace alluvium;

namespace {

class Logits : public RoutingObserver {
  public:
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_output(std::int64_t, const at::Tensor& rows) override { logits = rows; }

    at::Tensor logits;
};

at::Tensor logits_of(const std::filesystem::path& folder) {
    const CheckpointPtr checkpoint = Checkpoint::open(folder);
    const auto model = Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, at::kFloat});
    TokenBatch batch;
    batch.append({5, 17, 33, 2, 60, 41, 8});
    Logits observer;
    ForwardPass(model).run(batch, observer, Progress());
    return observer.logits;
}

std::int64_t parameters(const std::filesystem::path& folder) {
    const CheckpointPtr checkpoint = Checkpoint::open(folder);
    std::int64_t sum = 0;
    for (const auto& [name, info] : checkpoint->tensors()) {
        std::int64_t size = 1;
        for (const std::int64_t d : info.shape) size *= d;
        sum += size;
    }
    return sum;
}

}  // namespace

TEST_CASE("A widened dense model computes what it computed before", "[model]") {
    const test::TemporaryFolder folder;
    test::TinyDense().write(folder / "dense");
    Progress progress;
    for (const DenseWidth width : {DenseWidth::active, DenseWidth::total}) {
        widen(*Checkpoint::open(folder / "dense"), folder / "wide",
              {.width = width, .experts = 5, .top_k = 3, .overwrite = true}, progress);
        // New neurons add products with 0; only the order of the sums may differ.
        CHECK((logits_of(folder / "wide") - logits_of(folder / "dense")).abs().max().item<float>() <
              1e-5F);
    }
}

TEST_CASE("A dense model of the same total has the parameters of the mixture", "[model]") {
    const test::TemporaryFolder folder;
    test::TinyDense().write(folder / "dense");
    const CheckpointPtr dense = Checkpoint::open(folder / "dense");
    Progress progress;
    upcycle(*dense, folder / "moe", {.experts = 6, .top_k = 2, .layers = "last:1"}, progress);
    widen(*dense, folder / "wide",
          {.width = DenseWidth::total, .experts = 6, .top_k = 2, .layers = "last:1"}, progress);
    const ModelSpec spec = model_spec(*dense);
    // Off by less than half a neuron in every layer.
    const auto neuron = 3 * spec.hidden_size * static_cast<std::int64_t>(spec.layers.size());
    CHECK(std::abs(parameters(folder / "wide") - parameters(folder / "moe")) <= neuron / 2 + 1);
}

TEST_CASE("Matched widths follow the arithmetic by hand", "[model]") {
    const WidenOptions active{.width = DenseWidth::active, .experts = 12, .top_k = 2};
    const WidenOptions total{.width = DenseWidth::total, .experts = 12, .top_k = 2};
    // 256 more neurons for the second expert and 12 / 3 = 4 for the router's 12 rows.
    CHECK(matched_width(256, 8, 8, active) == 516);
    // 11 more experts of 256, and the router: 256 + 2816 + 4.
    CHECK(matched_width(256, 8, 8, total) == 3076);
    // A quarter of the layers: 256 + (256 + 4) / 4.
    CHECK(matched_width(256, 2, 8, active) == 321);
}

TEST_CASE("New neurons are drawn below the old ones and fed back by nothing", "[model]") {
    const test::TemporaryFolder folder;
    test::TinyDense().write(folder / "dense");
    Progress progress;
    const WidenSummary summary =
        widen(*Checkpoint::open(folder / "dense"), folder / "wide",
              {.width = DenseWidth::total, .experts = 5, .seed = 7}, progress);
    const CheckpointPtr dense = Checkpoint::open(folder / "dense");
    const CheckpointPtr wide = Checkpoint::open(folder / "wide");
    const std::int64_t old = summary.width_before, added = summary.width - old;
    const std::string mlp = "model.layers.0.mlp.";
    const at::Tensor up = wide->tensor(mlp + "up_proj.weight").to(at::kFloat);
    const at::Tensor down = wide->tensor(mlp + "down_proj.weight").to(at::kFloat);
    CHECK(at::equal(up.narrow(0, 0, old), dense->tensor(mlp + "up_proj.weight").to(at::kFloat)));
    CHECK(
        at::equal(down.narrow(1, 0, old), dense->tensor(mlp + "down_proj.weight").to(at::kFloat)));
    CHECK(down.narrow(1, old, added).count_nonzero().item<std::int64_t>() == 0);
    // Several hundred draws: their deviation is known to about 5 %.
    CHECK(std::abs(up.narrow(0, old, added).std().item<double>() - 0.02) < 0.005);
}

TEST_CASE("A model with experts cannot be widened", "[model]") {
    const test::TemporaryFolder folder;
    test::TinyDense().write(folder / "dense");
    Progress progress;
    upcycle(*Checkpoint::open(folder / "dense"), folder / "moe", {.experts = 3}, progress);
    CHECK_THROWS_AS(widen(*Checkpoint::open(folder / "moe"), folder / "wide", {}, progress),
                    UserError);
    CHECK_FALSE(std::filesystem::exists(folder / "wide"));
}
