#include <cmath>

#include <ATen/ATen.h>

#include "model/train/adamw.h"
#include "model/train/learning_rate.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

TEST_CASE("AdamW follows its equations, with decay on matrices only", "[model]") {
    const auto options = at::TensorOptions(at::kDouble);
    const std::vector<at::Tensor> parameters = {
        at::full({1, 1}, 2.0, options), at::full({1}, 2.0, options), at::full({1}, 2.0, options)};
    AdamW optimiser(parameters,
                    {.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weight_decay = 0.1});
    double m = 0, v = 0, matrix = 2, vector = 2;
    for (int step = 1; step <= 3; ++step) {
        const double g = 0.5 * step, rate = 0.01 * step;
        optimiser.step({at::full({1, 1}, g, options), at::full({1}, g, options), at::Tensor()},
                       rate);
        m = 0.9 * m + 0.1 * g;
        v = 0.95 * v + 0.05 * g * g;
        const double change = rate * (m / (1 - std::pow(0.9, step))) /
                              (std::sqrt(v / (1 - std::pow(0.95, step))) + 1e-8);
        matrix -= rate * 0.1 * matrix + change;
        vector -= change;
    }
    CHECK(std::abs(parameters[0].item<double>() - matrix) < 1e-9);
    CHECK(std::abs(parameters[1].item<double>() - vector) < 1e-9);
    CHECK(parameters[2].item<double>() == 2.0);  // no gradient: not even decay
}

TEST_CASE("Gradients are scaled to their common norm only where it is above the limit", "[model]") {
    const auto make = [] {
        return std::vector<at::Tensor>{at::full({1}, 3.0), at::Tensor(), at::full({1, 1}, 4.0)};
    };
    std::vector<at::Tensor> gradients = make();
    CHECK(clip_norm(gradients, 1.0) == 5.0);
    CHECK(std::abs(gradients[0].item<double>() - 0.6) < 1e-6);
    CHECK(std::abs(gradients[2].item<double>() - 0.8) < 1e-6);
    gradients = make();
    CHECK(clip_norm(gradients, 6.0) == 5.0);
    CHECK(gradients[0].item<double>() == 3.0);
    CHECK(clip_norm(gradients, 0.0) == 5.0);
    CHECK(gradients[0].item<double>() == 3.0);
}

TEST_CASE("The learning rate rises to its peak and falls to a tenth along a cosine") {
    const Schedule schedule{.peak = 2.0, .warmup = 10, .steps = 110};
    CHECK(learning_rate(schedule, 1) == 0.2);
    CHECK(learning_rate(schedule, 10) == 2.0);
    CHECK(std::abs(learning_rate(schedule, 60) - 2.0 * (0.1 + 0.45)) < 1e-12);
    CHECK(std::abs(learning_rate(schedule, 110) - 0.2) < 1e-12);
    const Schedule constant{.peak = 2.0, .warmup = 0, .steps = 5, .constant = true};
    CHECK(learning_rate(constant, 1) == 2.0);
    CHECK(learning_rate(constant, 5) == 2.0);
}
