// The weights that a whole forward pass hands out, against the family's rule in double precision
// applied to the router logits of the same pass. The router's own tests forge their logits; these
// are the ones that checkpoints give, with the spec that was read from their config.
#include <algorithm>

#include <ATen/ATen.h>
#include <catch2/generators/catch_generators.hpp>

#include "model/kernels/reference.h"
#include "tests/model/goldens.h"
#include "tests/support/forward_record.h"
#include "tests/support/routing_cases.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

// By expert, as which of two equal scores comes first is free. The largest |own - rule|.
double largest_difference(const LayerRecord& layer, const ReferenceRouting& rule) {
    const auto experts = grid_of<std::int32_t>(layer.experts);
    const auto weights = grid_of<float>(layer.weights);
    double largest = 0;
    for (std::size_t token = 0; token < experts.rows(); ++token) {
        const auto by_rule = rule.experts.row(token);
        for (std::size_t rank = 0; rank < experts.cols(); ++rank) {
            const auto found = std::ranges::find(by_rule, experts(token, rank));
            if (found == by_rule.end()) continue;  // a tie in f32: counted by the caller
            const double expected = rule.weights(token, found - by_rule.begin());
            largest = std::max(largest, std::abs(weights(token, rank) - expected));
        }
    }
    return largest;
}

std::size_t chosen_otherwise(const LayerRecord& layer, const ReferenceRouting& rule) {
    const auto experts = grid_of<std::int32_t>(layer.experts);
    std::size_t count = 0;
    for (std::size_t token = 0; token < experts.rows(); ++token) {
        const auto own = experts.row(token);
        const auto by_rule = rule.experts.row(token);
        const bool same = std::ranges::is_permutation(own, by_rule);
        count += !same && rule.margin[token] > rounding ? 1 : 0;
    }
    return count;
}

}  // namespace

TEST_CASE("captured weights are the rule in double applied to the captured logits", "[model]") {
    const std::string name = GENERATE(
        "apollo", "apollo_shared_f16_shards", "olmoe_65_experts_top8", "olmoe_3_experts_top1",
        "qwen2_moe", "qwen3_moe", "mixtral_window", "granitemoe", "phimoe", "gpt_oss",
        "deepseek_v2", "deepseek_v2_groups", "deepseek_v3", "glm4_moe", "minimax_m2");
    const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
    CAPTURE(name, at::toString(dtype));
    const ModelSpec spec = model_spec(*Checkpoint::open(golden_checkpoint(name)));
    const std::vector<LayerId> routed = spec.routed_layers();
    std::vector<std::vector<float>> biases;
    const auto watched_route = [&](LayerId, const at::Tensor& logits, const RouterSpec& rule,
                                   const at::Tensor& bias) {
        const at::Tensor values = bias.defined() ? bias.to(at::kFloat).contiguous() : at::Tensor();
        const float* first = bias.defined() ? values.const_data_ptr<float>() : nullptr;
        biases.emplace_back(first, first + (bias.defined() ? values.numel() : 0));
        return route(logits, rule, bias);
    };
    const ForwardRecord record =
        run_forward(golden_checkpoint(name), {at::kCPU, dtype}, golden_batch(name),
                    {.batch_invariant = false, .route = watched_route});
    REQUIRE(record.layers.size() == routed.size());
    REQUIRE_FALSE(routed.empty());
    for (std::size_t i = 0; i < routed.size(); ++i) {
        const RouterSpec& rule = spec.layers[static_cast<std::size_t>(routed[i])].moe()->rule;
        REQUIRE(biases[i].empty() != rule.choice_bias);
        const ReferenceRouting expected =
            route_reference(grid_of<float>(record.layers[i].logits), rule, biases[i]);
        CAPTURE(routed[i]);
        CHECK(chosen_otherwise(record.layers[i], expected) == 0);
        // An ulp or two of the largest weight that the rule can give, which is its scale.
        CHECK(largest_difference(record.layers[i], expected) <= 1e-6 * rule.scale);
    }
}
