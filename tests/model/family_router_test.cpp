// Each family's router on forged checkpoints: what chooses, what weighs, and what the config
// switches. The expected weights are computed here, from the logits alone.
#include <algorithm>
#include <cmath>
#include <set>

#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "tests/model/altered_golden.h"
#include "tests/support/forward_record.h"

namespace alluvium {
namespace {

using Catch::Matchers::WithinAbs;
using test::AlteredGolden;

constexpr double kRounding = 2e-6;  // of f32, on weights of about 1

// What the first routed layer did with the golden's prompts.
test::LayerRecord routed(const AlteredGolden& model, const std::string& golden,
                         bool batch_invariant = false) {
    const CheckpointPtr checkpoint = model.checkpoint();
    const auto loaded = Model::load(*checkpoint, model_spec(*checkpoint), Compute{});
    test::ForwardRecord record;
    ForwardPass(loaded, {.batch_invariant = batch_invariant, .route = {}})
        .run(test::golden_batch(golden), record, Progress{});
    return record.layers.front();
}

std::vector<std::int64_t> chosen(const test::LayerRecord& layer, std::int64_t token) {
    const at::Tensor row = layer.experts[token].to(at::kLong).contiguous();
    return {row.const_data_ptr<std::int64_t>(), row.const_data_ptr<std::int64_t>() + row.numel()};
}

double weight(const test::LayerRecord& layer, std::int64_t token, std::int64_t rank) {
    return layer.weights[token][rank].item<double>();
}

double sigmoid_of(const test::LayerRecord& layer, std::int64_t token, std::int64_t expert) {
    return 1 / (1 + std::exp(-layer.logits[token][expert].item<double>()));
}

}  // namespace

TEST_CASE("A bias for the choice brings an expert in and leaves every weight as it is", "[model]") {
    const auto [golden, name, scale] = GENERATE(table<std::string, std::string, double>(
        {{"deepseek_v3", "model.layers.1.mlp.gate.e_score_correction_bias", 2.5},
         {"glm4_moe", "model.layers.1.mlp.gate.e_score_correction_bias", 2.5},
         {"minimax_m2", "model.layers.0.block_sparse_moe.e_score_correction_bias", 1.0}}));
    CAPTURE(golden);
    AlteredGolden model(golden);
    std::vector<float> bias(static_cast<std::size_t>(model.tensors.at(name).shape[0]), 0.0F);
    bias[4] = 8;
    model.set(name, bias);
    const test::LayerRecord layer = routed(model, golden);
    for (std::int64_t token = 0; token < layer.experts.size(0); ++token) {
        const std::vector<std::int64_t> experts = chosen(layer, token);
        CHECK(experts.front() == 4);
        double sum = 0;
        for (const std::int64_t e : experts) sum += sigmoid_of(layer, token, e);
        for (std::size_t rank = 0; rank < experts.size(); ++rank) {
            const double expected = sigmoid_of(layer, token, experts[rank]) / sum * scale;
            CHECK_THAT(weight(layer, token, static_cast<std::int64_t>(rank)),
                       WithinAbs(expected, kRounding));
        }
    }
}

TEST_CASE("Only experts of the best groups are chosen, however good the others are", "[model]") {
    const std::string golden = GENERATE("deepseek_v2_groups", "deepseek_v3");
    const test::LayerRecord layer = routed(AlteredGolden(golden), golden);
    bool limit_counts = false;
    for (std::int64_t token = 0; token < layer.experts.size(0); ++token) {
        std::set<std::int64_t> groups;
        for (const std::int64_t e : chosen(layer, token)) groups.insert(e / 3);  // 12 in 4 groups
        CHECK(groups.size() <= 2);
        const at::Tensor best = std::get<1>(layer.logits[token].topk(3)).to(at::kLong);
        const std::vector<std::int64_t> own = chosen(layer, token);
        for (std::int64_t i = 0; i < 3; ++i) {
            limit_counts =
                limit_counts || std::ranges::count(own, best[i].item<std::int64_t>()) == 0;
        }
    }
    CHECK(limit_counts);
}

TEST_CASE("The weights add up to 1 where the config asks for it, and to the scale after that",
          "[model]") {
    const auto [golden, key, on, total] = GENERATE(table<std::string, std::string, Json, double>({
        {"qwen3_moe", "norm_topk_prob", true, 1.0},
        {"qwen3_moe", "norm_topk_prob", false, -1.0},
        {"deepseek_v3", "norm_topk_prob", true, 2.5},
        {"deepseek_v3", "norm_topk_prob", false, -1.0},
        {"deepseek_v3", "routed_scaling_factor", 4.0, 4.0},
        {"glm4_moe", "routed_scaling_factor", 0.5, 0.5},
    }));
    CAPTURE(golden, key, on.dump());
    AlteredGolden model(golden);
    model.config[key] = on;
    const at::Tensor sums = routed(model, golden).weights.sum(1);
    const bool fixed = (sums - total).abs().max().item<double>() < 1e-5;
    CHECK(fixed == (total > 0));
}

TEST_CASE("DeepSeek-V2's weights are shares of all experts times the scale", "[model]") {
    AlteredGolden model("deepseek_v2_groups");
    model.config["routed_scaling_factor"] = 3.0;
    const test::LayerRecord layer = routed(model, "deepseek_v2_groups");
    const at::Tensor shares = layer.logits.to(at::kDouble).softmax(-1) * 3.0;
    const at::Tensor expected = shares.gather(1, layer.experts.to(at::kLong));
    CHECK((expected - layer.weights).abs().max().item<double>() < 3 * kRounding);
}

TEST_CASE("A softmax over the chosen gives the weights of Granite and gpt-oss", "[model]") {
    const std::string golden = GENERATE("granitemoe", "gpt_oss");
    const test::LayerRecord layer = routed(AlteredGolden(golden), golden);
    const at::Tensor own = layer.logits.gather(1, layer.experts.to(at::kLong));
    CHECK((own.to(at::kDouble).softmax(-1) - layer.weights).abs().max().item<double>() < kRounding);
}

TEST_CASE("Experts that tie are taken from the lowest number on", "[model]") {
    const auto [golden, router] = GENERATE(table<std::string, std::string>(
        {{"qwen3_moe", "model.layers.1.mlp.gate.weight"},
         {"mixtral_window", "model.layers.0.block_sparse_moe.gate.weight"},
         {"granitemoe", "model.layers.0.block_sparse_moe.router.layer.weight"},
         {"phimoe", "model.layers.0.block_sparse_moe.gate.weight"}}));
    CAPTURE(golden);
    AlteredGolden model(golden);
    const std::vector<std::int64_t> shape = model.tensors.at(router).shape;
    model.set(router, std::vector<float>(static_cast<std::size_t>(shape[0] * shape[1]), 0.25F));
    // The library's product may sum equal rows in different orders; this one does not.
    const test::LayerRecord layer = routed(model, golden, /*batch_invariant=*/true);
    CHECK((layer.margin == 0).all().item<bool>());
    for (std::int64_t token = 0; token < layer.experts.size(0); ++token) {
        const std::vector<std::int64_t> experts = chosen(layer, token);
        for (std::size_t rank = 0; rank < experts.size(); ++rank) {
            CHECK(experts[rank] == static_cast<std::int64_t>(rank));
        }
    }
}

TEST_CASE("Every family tells its rule in one sentence", "[model]") {
    const auto rule = [](const std::string& golden) {
        const ModelSpec spec = model_spec(*Checkpoint::open(test::golden_checkpoint(golden)));
        return sentence(
            spec.layers[static_cast<std::size_t>(spec.routed_layers().front())].moe()->rule);
    };
    CHECK(rule("mixtral_window") ==
          "softmax over 5 experts, the 2 best are chosen, weights are the scores, renormalised to "
          "sum to 1.");
    CHECK(rule("deepseek_v2_groups") ==
          "softmax over 12 experts, the 3 best are chosen within the 2 best of 4 groups (a group "
          "is as good as its best expert), weights are the scores, times 16; 2 shared experts see "
          "every token.");
    CHECK(rule("glm4_moe") ==
          "sigmoid of each of 9 experts, the 3 best are chosen by score plus a bias that the "
          "weights do not see, weights are the scores, renormalised to sum to 1, times 2.5; 1 "
          "shared expert sees every token.");
    CHECK(rule("gpt_oss") ==
          "logits of 5 experts, the 3 best are chosen, weights are a softmax over them.");
    CHECK(rule("phimoe") ==
          "logits of 6 experts, the 2 best are chosen one after the other (sparsemixer), each "
          "weight is a softmax over the logits near the chosen one (within 0.4 of its size).");
}

}  // namespace alluvium
