// Encoded experts are there decoded one at a time, and compute what they would all at once.
#include "model/forward/decoded_experts.h"

#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>

#include "model/forward/memory_plan.h"
#include "tests/model/goldens.h"
#include "tests/support/forward_record.h"

using namespace alluvium;

namespace {

constexpr std::uint64_t kExpertBytes = 3 * 4 * 4 * sizeof(float);

FeedForwardWeights expert_of(std::size_t number) {
    const auto matrix = [&] {
        return LinearWeights{at::full({4, 4}, static_cast<double>(number)), {}};
    };
    return {matrix(), matrix(), matrix()};
}

// Tells whether an expert's memory is still there.
class Trace {
  public:
    explicit Trace(const FeedForwardWeights& weights)
        : tensor_(weights.down.weight.getIntrusivePtr()) {}
    bool there() const { return !tensor_.expired(); }

  private:
    c10::weak_intrusive_ptr<c10::TensorImpl> tensor_;
};

Trace use(const DecodedExperts& experts, std::size_t number) {
    const FeedForwardWeights weights = experts.expert(number);
    CHECK(weights.up.weight[0][0].item<float>() == static_cast<float>(number));
    return Trace(weights);
}

}  // namespace

TEST_CASE("Without room an expert is gone when nobody uses it", "[model]") {
    const DecodedExperts experts(3, expert_of, std::make_shared<DecodedRoom>(kExpertBytes - 1));
    const Trace first = use(experts, 0), second = use(experts, 1);
    CHECK_FALSE(first.there());
    CHECK_FALSE(second.there());
}

TEST_CASE("The first experts that find room stay as long as their layer, the others go",
          "[model]") {
    const auto room = std::make_shared<DecodedRoom>(2 * kExpertBytes);
    auto layer = std::make_unique<DecodedExperts>(4, expert_of, room);
    const Trace a = use(*layer, 2), b = use(*layer, 0), c = use(*layer, 3);
    CHECK(a.there());
    CHECK(b.there());
    CHECK_FALSE(c.there());
    // Another layer of the model shares the room.
    const DecodedExperts other(4, expert_of, room);
    CHECK_FALSE(use(other, 1).there());
    layer.reset();
    CHECK_FALSE(a.there());
    CHECK(use(other, 1).there());
}

TEST_CASE("A streamed model in MXFP4 holds no expert decoded beyond its room, with the same bits",
          "[model]") {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint("gpt_oss_mxfp4"));
    const ModelSpec spec = model_spec(*checkpoint);
    const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
    const Compute compute{at::kCPU, dtype};
    const MemoryNeed need = memory_need(*checkpoint, spec, compute);
    const std::size_t count = spec.layers[0].moe()->experts.size();
    const std::uint64_t expert = need.decoded / count;
    const std::uint64_t room = GENERATE_COPY(std::uint64_t{0}, 2 * expert, need.decoded);
    CAPTURE(dtype, room);
    const auto model = Model::load(*checkpoint, spec, compute, Residence::checkpoint, room);
    {
        const auto held = model->layer(0);
        const MoeWeights& moe = std::get<MoeWeights>(held->feed_forward);
        CHECK(moe.experts.empty());
        std::vector<Trace> traces;
        for (std::size_t e = 0; e < count; ++e) traces.emplace_back(moe.expert(e));
        CHECK(std::ranges::count_if(traces, &Trace::there) ==
              static_cast<std::int64_t>(room / expert));
    }
    const TokenBatch batch = test::golden_batch("gpt_oss_mxfp4");
    test::ForwardRecord streamed, kept;
    ForwardPass(model).run(batch, streamed, Progress{});
    ForwardPass(Model::load(*checkpoint, spec, compute)).run(batch, kept, Progress{});
    CHECK(at::equal(streamed.hidden, kept.hidden));
}

TEST_CASE("Experts that are decoded one by one count as one in what a layer needs", "[model]") {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint("gpt_oss_mxfp4"));
    const ModelSpec spec = model_spec(*checkpoint);
    const MemoryNeed need = memory_need(*checkpoint, spec, {at::kCPU, at::kFloat});
    const MoeSpec& moe = *spec.layers[0].moe();
    const std::uint64_t hidden = static_cast<std::uint64_t>(spec.hidden_size);
    const std::uint64_t width = weight_elements(moe.experts[0].down.weight) / hidden;
    CHECK(need.decoded == moe.experts.size() * 3 * width * hidden * sizeof(float));
    CHECK(need.largest_layer < need.weights / spec.layers.size() - need.decoded / 2);
}
