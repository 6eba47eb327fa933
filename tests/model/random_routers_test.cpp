#include "model/capture/random_routers.h"

#include <ATen/ATen.h>

#include "model/checkpoint/checkpoint.h"
#include "model/families/family.h"
#include "model/forward/forward_pass.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

std::shared_ptr<const Model> specimen() {
    const CheckpointPtr checkpoint =
        Checkpoint::open(ALLUVIUM_BINARY_DIR "/assets/specimen-untrained");
    return Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, at::kFloat});
}

// What two redrawn routers and the learned one choose in layer 3 for the same inputs.
class Choices : public RoutingObserver {
  public:
    explicit Choices(const RandomRouters& random) : random_(random) {}
    void on_routed(const RoutedBatch& batch) override {
        if (batch.layer != 3) return;
        learned = batch.experts.clone();
        for (std::uint32_t draw = 0; draw < random_.draws(); ++draw) {
            redrawn.push_back(random_.experts(batch, draw));
        }
        input = batch.input.clone();
    }

    at::Tensor learned, input;
    std::vector<at::Tensor> redrawn;

  private:
    const RandomRouters& random_;
};

}  // namespace

TEST_CASE("A redrawn router keeps the norm of every row and nothing of its direction", "[model]") {
    const at::Tensor learned = at::arange(1, 13, at::TensorOptions(at::kFloat)).view({3, 4});
    const at::Tensor redrawn = redrawn_router(learned, 2, 0);
    // Norms of f32 rows of four numbers: rounding of a few units in the last place.
    CHECK(at::allclose(redrawn.norm(2, {1}), learned.norm(2, {1}), 1e-6, 0));
    CHECK_FALSE(at::allclose(redrawn, learned, 0.1, 0.1));
    CHECK(redrawn.equal(redrawn_router(learned, 2, 0)));
    CHECK_FALSE(redrawn.equal(redrawn_router(learned, 2, 1)));
    CHECK_FALSE(redrawn.equal(redrawn_router(learned, 3, 0)));
}

TEST_CASE("Redrawn routers choose by the model's rule from the run's own inputs", "[model]") {
    const auto model = specimen();
    const RandomRouters random(model, 2);
    Choices choices(random);
    TokenBatch batch;
    batch.append({72, 101, 108, 108, 111, 32, 119, 111, 114, 108, 100});
    ForwardPass(model).run(batch, choices, Progress());
    REQUIRE(choices.redrawn.size() == 2);
    CHECK_FALSE(choices.redrawn[0].equal(choices.redrawn[1]));
    CHECK_FALSE(choices.redrawn[0].equal(choices.learned));
    // Softmax and top-k keep the order of the logits.
    const auto& weights = std::get<MoeWeights>(model->layer(3)->feed_forward);
    const at::Tensor logits =
        at::linear(choices.input, redrawn_router(weights.router.weight, 3, 1));
    CHECK(std::get<1>(logits.topk(2, 1)).to(at::kInt).equal(choices.redrawn[1]));
}
