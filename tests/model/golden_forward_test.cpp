// The forward pass against committed arrays of the reference implementation, all in f32.
#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>

#include "model/families/family.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"
#include "tests/model/goldens.h"
#include "tests/support/torch_test.h"

namespace alluvium {
namespace {

using test::GoldenArrays;

// Two f32 computations in different orders of summation differ by at most 4e-6 of the largest
// magnitude on such models; 1e-4 leaves no room for a missing term, the smallest of which is 1e-2.
constexpr double kTolerance = 1e-4;
constexpr float kNearTie = 1e-4F;

struct Computed {
    std::vector<at::Tensor> hidden;
    std::vector<at::Tensor> logits;
    std::vector<at::Tensor> experts;
    std::vector<at::Tensor> weights;
    std::vector<std::int64_t> layers;
    std::vector<at::Tensor> output;
};

class Recorder final : public RoutingObserver {
  public:
    bool wants_hidden() const override { return true; }
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch& batch) override {
        CHECK(batch.routed == computed.layers.size());
        computed.layers.push_back(batch.layer);
        computed.logits.push_back(batch.logits);
        computed.experts.push_back(batch.experts.to(at::kLong));
        computed.weights.push_back(batch.weights);
    }
    void on_hidden(LayerId, const at::Tensor& hidden) override {
        computed.hidden.push_back(hidden);
    }
    void on_output(std::int64_t, const at::Tensor& logits) override {
        computed.output.push_back(logits);
    }

    Computed computed;
};

Computed run(const std::string& name, bool batch_invariant) {
    const CheckpointPtr checkpoint = Checkpoint::open(test::golden_checkpoint(name));
    const auto model = Model::load(*checkpoint, model_spec(*checkpoint), Compute{});
    Recorder recorder;
    ForwardPass(model, {.batch_invariant = batch_invariant, .route = {}})
        .run(test::golden_batch(name), recorder, Progress{});
    return recorder.computed;
}

double relative_difference(const at::Tensor& expected, const at::Tensor& actual) {
    REQUIRE(expected.sizes() == actual.sizes());
    return ((expected - actual).abs().max() / expected.abs().max()).item<double>();
}

// Rows whose value may rightly differ from here on: those of a prompt in which an earlier router
// met a near tie and went the other way, from that token on.
class LeftOut {
  public:
    explicit LeftOut(const TokenBatch& batch)
        : batch_(batch), out_(at::zeros({batch.tokens()}, at::kBool)) {}

    void add(const at::Tensor& rows) {
        for (std::size_t prompt = 0; prompt < batch_.prompts(); ++prompt) {
            bool found = false;
            for (std::int64_t row = batch_.begin(prompt); row < batch_.end(prompt); ++row) {
                found = found || rows[row].item<bool>();
                if (found) out_[row] = true;
            }
        }
    }
    at::Tensor kept() const { return out_.logical_not(); }
    at::Tensor keep(const at::Tensor& rows) const { return rows.index({kept()}); }

  private:
    const TokenBatch& batch_;
    at::Tensor out_;
};

// Compares one router; returns the rows whose choice differs.
at::Tensor compare_router(const GoldenArrays& golden, const Computed& computed, std::int64_t at,
                          const LeftOut& left_out) {
    const auto i = static_cast<std::size_t>(at);
    const at::Tensor logits = golden.get("router_logits")[at];
    CHECK(relative_difference(left_out.keep(logits), left_out.keep(computed.logits[i])) <
          kTolerance);
    const auto [expected, order] = golden.get("topk_ids")[at].sort(-1);
    const auto [actual, actual_order] = computed.experts[i].sort(-1);
    const at::Tensor differs = expected.ne(actual).any(-1);
    const at::Tensor clear = golden.get("margin")[at].gt(kNearTie).logical_and(left_out.kept());
    CHECK(differs.logical_and(clear).sum().item<std::int64_t>() == 0);

    const at::Tensor same = differs.logical_not().logical_and(left_out.kept());
    const at::Tensor weights = golden.get("topk_weights")[at].gather(-1, order).index({same});
    const at::Tensor own = computed.weights[i].gather(-1, actual_order).index({same});
    CHECK(relative_difference(weights, own) < kTolerance);
    return differs;
}

}  // namespace

TEST_CASE("The forward pass equals the reference implementation in f32", "[model][golden]") {
    const std::string name = GENERATE(
        "apollo", "apollo_shared_f16_shards", "olmoe_65_experts_top8", "olmoe_3_experts_top1",
        "qwen2", "qwen2_window", "qwen2_moe", "qwen3_moe", "mixtral_window", "llama_llama3",
        "llama_yarn", "llama_dynamic", "llama_linear", "qwen3_window", "mistral_window",
        "granitemoe", "phimoe", "deepseek_v2", "deepseek_v2_groups", "deepseek_v3", "glm4_moe",
        "minimax_m2", "gpt_oss", "gpt_oss_mxfp4", "gemma", "gemma2", "phi", "qwen3_next",
        "qwen3_5_moe", "llama4", "ernie4_5_moe", "kimi_k2");
    const bool batch_invariant = GENERATE(false, true);
    CAPTURE(name, batch_invariant);
    const GoldenArrays golden(name);
    const TokenBatch batch = test::golden_batch(name);
    const Computed computed = run(name, batch_invariant);

    const at::Tensor hidden = golden.get("hidden");
    REQUIRE(static_cast<std::int64_t>(computed.hidden.size()) == hidden.size(0));
    if (!golden.has("moe_layers")) CHECK(computed.layers.empty());
    LeftOut left_out(batch);
    std::int64_t routed = 0;
    CHECK(relative_difference(hidden[0], computed.hidden[0]) < kTolerance);
    for (std::int64_t layer = 0; layer + 1 < hidden.size(0); ++layer) {
        if (golden.has("moe_layers") && routed < golden.get("moe_layers").numel() &&
            golden.get("moe_layers")[routed].item<std::int64_t>() == layer) {
            CHECK(computed.layers.at(static_cast<std::size_t>(routed)) == layer);
            left_out.add(compare_router(golden, computed, routed++, left_out));
        }
        const at::Tensor actual = computed.hidden[static_cast<std::size_t>(layer) + 1];
        CHECK(relative_difference(left_out.keep(hidden[layer + 1]), left_out.keep(actual)) <
              kTolerance);
    }
    CHECK(relative_difference(left_out.keep(golden.get("logits")),
                              left_out.keep(at::cat(computed.output))) < kTolerance);
    // The comparison must not have left out most of what it is to compare.
    CHECK(left_out.kept().sum().item<std::int64_t>() * 2 > batch.tokens());
}

}  // namespace alluvium
