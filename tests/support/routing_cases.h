#pragma once
// Rules, logits and comparisons that the tests of the CPU and of the GPU router share.
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include "base/grid.h"
#include "model/kernels/reference.h"
#include "model/router/route.h"
#include "tests/support/torch_test.h"

namespace alluvium::test {

struct RoutingCase {
    std::string name;
    RouterSpec spec;
};

// One rule per kind of family, for `experts` experts of which `k` are chosen.
inline std::vector<RoutingCase> routing_cases(int experts, int k) {
    std::vector<RoutingCase> cases;
    const auto add = [&](const std::string& name, auto&& change) {
        RouterSpec spec{.experts = experts, .top_k = k};
        change(spec);
        cases.push_back({name, spec});
    };
    add("softmax", [](RouterSpec&) {});
    add("softmax, renormalised, scaled",
        [](RouterSpec& s) { s.renormalise = true, s.scale = 2.5; });
    add("sigmoid with a bias", [](RouterSpec& s) {
        s.scoring = Scoring::sigmoid, s.choice_bias = true, s.renormalise = true;
    });
    add("square root of softplus", [](RouterSpec& s) {
        s.scoring = Scoring::sqrt_softplus, s.choice_bias = true, s.scale = 1.5;
    });
    add("logits as they are", [](RouterSpec& s) { s.scoring = Scoring::none; });
    add("top k, then softmax", [](RouterSpec& s) { s.order = SelectionOrder::top_k_then_softmax; });
    add("top k, then sigmoid", [](RouterSpec& s) { s.order = SelectionOrder::top_k_then_sigmoid; });
    if (k == 2) add("sparsemixer", [](RouterSpec& s) { s.order = SelectionOrder::sparsemixer; });
    if (experts % 8 == 0 && k <= experts / 2) {
        add("best groups", [](RouterSpec& s) { s.groups = 4, s.topk_groups = 2, s.scale = 16; });
        add("best pairs of groups, sigmoid with a bias", [](RouterSpec& s) {
            s.scoring = Scoring::sigmoid, s.choice_bias = true, s.groups = 4, s.topk_groups = 2;
            s.group_score = GroupScore::best_two, s.renormalise = true, s.scale = 2.5;
        });
    }
    return cases;
}

inline Grid<float> random_logits(std::size_t tokens, int experts, unsigned seed,
                                 float deviation = 2) {
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal(0, deviation);
    Grid<float> logits(tokens, static_cast<std::size_t>(experts));
    for (float& v : logits.values()) v = normal(engine);
    return logits;
}

inline std::vector<float> random_bias(const RouterSpec& spec, unsigned seed) {
    if (!spec.choice_bias) return {};
    const Grid<float> bias = random_logits(1, spec.experts, seed, 0.1F);
    return {bias.values().begin(), bias.values().end()};
}

inline at::Tensor tensor_of(const Grid<float>& grid) {
    const auto rows = static_cast<std::int64_t>(grid.rows());
    const auto cols = static_cast<std::int64_t>(grid.cols());
    return at::from_blob(const_cast<float*>(grid.values().data()), {rows, cols}, at::kFloat)
        .clone();
}

inline at::Tensor tensor_of(const std::vector<float>& bias) {
    if (bias.empty()) return {};
    return at::from_blob(const_cast<float*>(bias.data()), {std::ssize(bias)}, at::kFloat).clone();
}

inline Routing route_on(const at::Device& device, const Grid<float>& logits, const RouterSpec& spec,
                        const std::vector<float>& bias = {}) {
    const at::Tensor choice_bias = tensor_of(bias);
    return route(tensor_of(logits).to(device), spec,
                 choice_bias.defined() ? choice_bias.to(device) : at::Tensor{});
}

template <typename T>
Grid<T> grid_of(const at::Tensor& tensor) {
    const at::Tensor host = tensor.cpu().contiguous();
    const auto rows = static_cast<std::size_t>(host.dim() == 2 ? host.size(0) : 1);
    const auto* data = host.const_data_ptr<T>();
    return {rows, rows == 0 ? 0 : host.numel() / rows, std::vector<T>(data, data + host.numel())};
}

// A token chooses the same as the reference unless the choice is a matter of rounding: logits reach
// some 10 in size, so that scores in f32 are off by 1e-6 at most.
inline constexpr double rounding = 4e-6;

// Compares tokens one by one; returns how many were too close to compare.
inline int check_against_reference(const Routing& actual, const ReferenceRouting& expected,
                                   const RouterSpec& spec) {
    const auto experts = grid_of<std::int32_t>(actual.experts);
    const auto weights = grid_of<float>(actual.weights);
    const auto margin = grid_of<float>(actual.margin);
    REQUIRE(experts.rows() == expected.experts.rows());
    int close = 0;
    for (std::size_t t = 0; t < experts.rows(); ++t) {
        // Infinite only where there is nothing left to choose from.
        const double off = std::isinf(expected.margin[t]) ? margin(0, t) != expected.margin[t]
                                                          : margin(0, t) - expected.margin[t];
        CHECK(std::abs(off) <= rounding);
        if (expected.margin[t] <= rounding) {
            ++close;
            continue;
        }
        // The order among the chosen may differ where two of them are equally good; the pairs of
        // expert and weight may not.
        for (int rank = 0; rank < spec.top_k; ++rank) {
            const auto row = expected.experts.row(t);
            const auto found = std::find(row.begin(), row.end(), experts(t, rank));
            REQUIRE(found != row.end());
            const double weight = expected.weights(t, found - row.begin());
            // 1e-6 of the scale: an ulp or two of the largest weight that a rule can give.
            const double largest = std::max({1.0, std::abs(weight), std::abs(spec.scale)});
            CHECK(std::abs(weights(t, rank) - weight) <= 1e-6 * largest);
        }
    }
    return close;
}

}  // namespace alluvium::test
