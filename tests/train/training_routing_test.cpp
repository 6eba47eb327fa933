#include "model/train/training_routing.h"

#include <cmath>

#include <ATen/ATen.h>

#include "base/error.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

at::Tensor longs(std::vector<std::int64_t> values) {
    return at::tensor(values, at::TensorOptions(at::kLong));
}

// Probabilities 0.1 0.4 0.2 0.3 for every token.
at::Tensor logits(std::int64_t tokens) {
    return at::tensor(std::vector<double>{0.1, 0.4, 0.2, 0.3}, at::TensorOptions(at::kDouble))
        .log()
        .expand({tokens, 4});
}

RouterSpec rule(bool renormalise) {
    RouterSpec spec;
    spec.experts = 4;
    spec.top_k = 2;
    spec.renormalise = renormalise;
    return spec;
}

}  // namespace

TEST_CASE("Hybrid-k puts the language's expert in the last place only where it is absent",
          "[model]") {
    // Top 2 is 1, 3. Language experts: 1 (first), 3 (last), 0 (absent), none.
    const at::Tensor language = longs({1, 3, 0, -1});
    const TrainingChoice choice =
        choose_experts(logits(4), rule(false), TrainingRouting::hybrid_k, language);
    CHECK(at::equal(choice.experts, longs({1, 3, 1, 3, 1, 0, 1, 3}).view({4, 2})));
    const at::Tensor weights =
        at::tensor(std::vector<double>{0.4, 0.3, 0.4, 0.3, 0.4, 0.1, 0.4, 0.3},
                   at::TensorOptions(at::kDouble));
    CHECK(at::allclose(choice.weights.flatten(), weights));
    CHECK(choice.own_tokens == 3);
    CHECK(choice.own_share == 2.0 / 3);
}

TEST_CASE("Weights are renormalised after the replacement", "[model]") {
    const TrainingChoice choice =
        choose_experts(logits(1), rule(true), TrainingRouting::hybrid_k, longs({0}));
    CHECK(std::abs(choice.weights[0][0].item<double>() - 0.8) < 1e-12);
    CHECK(std::abs(choice.weights[0][1].item<double>() - 0.2) < 1e-12);
}

TEST_CASE("Top-k does not look at the language; lang-spec looks at nothing else", "[model]") {
    const at::Tensor language = longs({0, 2});
    const TrainingChoice top =
        choose_experts(logits(2), rule(false), TrainingRouting::top_k, language);
    CHECK(at::equal(top.experts, longs({1, 3, 1, 3}).view({2, 2})));
    CHECK(top.own_share == 0);
    const TrainingChoice forced =
        choose_experts(logits(2), rule(false), TrainingRouting::language_only, language);
    CHECK(at::equal(forced.experts, longs({0, 2}).view({2, 1})));
    CHECK(at::equal(forced.weights, at::ones_like(forced.weights)));
    CHECK_FALSE(forced.weights.requires_grad());
}

TEST_CASE("The balance loss is 1 where all is even and grows to E where one expert has it all",
          "[model]") {
    TrainingChoice choice;
    choice.experts = longs({0, 1, 2, 3}).view({2, 2});
    choice.probabilities = at::full({2, 4}, 0.25);
    CHECK(balance_loss(choice).item<double>() == 1.0);
    choice.experts = longs({1, 1}).view({2, 1});
    choice.probabilities = at::tensor(std::vector<double>{0, 1, 0, 0}).expand({2, 4});
    CHECK(balance_loss(choice).item<double>() == 4.0);
}

TEST_CASE("The router's entropy is log E where it is uniform and 0 where it is certain",
          "[model]") {
    CHECK(std::abs(mean_entropy(at::full({3, 4}, 0.25, at::kDouble)) - std::log(4.0)) < 1e-12);
    CHECK(mean_entropy(at::tensor(std::vector<double>{0, 1, 0, 0}).view({1, 4})) == 0);
}

TEST_CASE("Routing strategies are named as on the command line") {
    for (const char* word : {"dense", "top-k", "hybrid-k", "lang-spec"}) {
        CHECK(training_routing_word(parse_training_routing(word)) == word);
    }
    CHECK_THROWS_AS(parse_training_routing("hybrid"), UserError);
}
