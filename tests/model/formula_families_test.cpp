// Families held to the reference on checkpoints that are made from their configs.
#include <ATen/ATen.h>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"
#include "tests/model/formula_checkpoint.h"
#include "tests/model/goldens.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

// f32 sums in another order, as in golden_forward_test.cpp.
constexpr double kTolerance = 1e-4;

struct Seen final : RoutingObserver {
    bool wants_hidden() const override { return true; }
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch& batch) override {
        experts.push_back(batch.experts.to(at::kLong));
        weights.push_back(batch.weights.clone());
    }
    void on_hidden(LayerId, const at::Tensor& state) override { hidden.push_back(state.clone()); }
    void on_output(std::int64_t, const at::Tensor& rows) override { logits = rows.clone(); }

    std::vector<at::Tensor> hidden, experts, weights;
    at::Tensor logits;
};

double difference(const at::Tensor& expected, const at::Tensor& actual) {
    REQUIRE(expected.sizes() == actual.sizes());
    return ((expected - actual).abs().max() / expected.abs().max()).item<double>();
}

// Weights [M, T, k] in the order of their experts.
at::Tensor by_expert(const at::Tensor& experts, const at::Tensor& weights) {
    return weights.gather(-1, std::get<1>(experts.sort(-1)));
}

TokenBatch prompts() {
    TokenBatch batch;  // as in make.py
    batch.append({3, 7, 1, 11, 0, 5, 8});
    batch.append({9, 2});
    return batch;
}

}  // namespace

TEST_CASE("Families made from their configs compute what the reference computes",
          "[model][golden]") {
    const test::GoldenArrays golden(test::families_folder() / "expected.safetensors", "families");
    const Json configs = read_json(test::families_folder() / "configs.json");
    REQUIRE(configs.size() > 8);
    for (const auto& [name, config] : configs.items()) {
        for (const bool batch_invariant : {false, true}) {
            CAPTURE(name, batch_invariant);
            const test::TemporaryFolder folder;
            const CheckpointPtr checkpoint = test::formula_checkpoint(config, folder / "model");
            const auto model =
                Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, at::kFloat});
            Seen seen;
            ForwardPass(model, {.batch_invariant = batch_invariant, .route = {}})
                .run(prompts(), seen, Progress());
            CHECK(difference(golden.get(name + ".hidden"), at::stack(seen.hidden)) < kTolerance);
            CHECK(difference(golden.get(name + ".logits"), seen.logits) < kTolerance);
            CHECK(golden.has(name + ".topk_ids") == !seen.experts.empty());
            if (seen.experts.empty()) continue;
            const at::Tensor ids = golden.get(name + ".topk_ids");
            const at::Tensor experts = at::stack(seen.experts);
            CHECK(at::equal(std::get<0>(ids.sort(-1)), std::get<0>(experts.sort(-1))));
            CHECK(difference(by_expert(ids, golden.get(name + ".topk_weights")),
                             by_expert(experts, at::stack(seen.weights))) < kTolerance);
        }
    }
}

TEST_CASE("A prompt that an indexer would choose from is refused by name", "[model]") {
    const Json configs = read_json(test::families_folder() / "configs.json");
    const test::TemporaryFolder folder;
    const CheckpointPtr checkpoint =
        test::formula_checkpoint(configs.at("deepseek_v32"), folder / "model");
    const ForwardPass forward(
        Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, at::kFloat}));
    TokenBatch batch;
    batch.append({1, 2, 3, 4, 5, 6, 7, 8});
    Seen seen;
    CHECK_NOTHROW(forward.run(batch, seen, Progress()));
    batch.append({1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK_THROWS_MATCHES(forward.run(batch, seen, Progress()), UserError,
                         MessageMatches(ContainsSubstring("index_topk")));
}

TEST_CASE("A family that has a part which is not computed is refused with that part", "[model]") {
    const test::TemporaryFolder folder;
    CHECK_THROWS_MATCHES(
        test::formula_checkpoint({{"model_type", "jetmoe"}}, folder / "model"), UserError,
        MessageMatches(ContainsSubstring("'jetmoe' is not supported: it has attention heads")));
}

TEST_CASE("Layers of Mamba are refused by name", "[model]") {
    Json config = read_json(test::families_folder() / "configs.json").at("granitemoehybrid");
    config["layer_types"] = {"mamba"};
    const test::TemporaryFolder folder;
    CHECK_THROWS_MATCHES(test::formula_checkpoint(config, folder / "model"), UserError,
                         MessageMatches(ContainsSubstring("Mamba")));
}
