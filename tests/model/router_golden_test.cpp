// Rules of published families against an independent implementation in numpy
// (tests/golden/router/make_expected.py).
#include <map>

#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "base/json.h"
#include "tests/support/routing_cases.h"
#include "tests/support/torch_test.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Matchers::WithinAbs;

namespace {

RouterSpec spec_from(const Json& json) {
    static const std::map<std::string, Scoring> scorings = {
        {"softmax", Scoring::softmax}, {"sigmoid", Scoring::sigmoid}, {"none", Scoring::none}};
    static const std::map<std::string, SelectionOrder> orders = {
        {"score_then_top_k", SelectionOrder::score_then_top_k},
        {"top_k_then_softmax", SelectionOrder::top_k_then_softmax},
        {"top_k_then_sigmoid", SelectionOrder::top_k_then_sigmoid},
        {"sparsemixer", SelectionOrder::sparsemixer}};
    return {
        .experts = json.at("experts"),
        .top_k = json.at("top_k"),
        .scoring = scorings.at(json.at("scoring")),
        .order = orders.at(json.at("order")),
        .choice_bias = json.at("choice_bias"),
        .groups = json.at("groups"),
        .topk_groups = json.at("topk_groups"),
        .group_score =
            json.at("group_score") == "best_two" ? GroupScore::best_two : GroupScore::best,
        .renormalise = json.at("renormalise"),
        .scale = json.at("scale"),
        .jitter = json.at("jitter"),
    };
}

template <typename T>
Grid<T> rows_of(const Json& json) {
    const auto rows = json.get<std::vector<std::vector<T>>>();
    Grid<T> grid(rows.size(), rows.front().size());
    for (std::size_t r = 0; r < rows.size(); ++r) std::ranges::copy(rows[r], grid.row(r).begin());
    return grid;
}

void check_margin(double actual, const Json& expected) {
    if (expected.is_null()) {
        CHECK(std::isinf(actual));
    } else {
        CHECK_THAT(actual, WithinAbs(expected.get<double>(), rounding));
    }
}

}  // namespace

TEST_CASE("rules agree with an independent implementation", "[model][golden]") {
    const Json golden = read_json(ALLUVIUM_SOURCE_DIR "/tests/golden/router/expected.json");
    for (const Json& expected : golden.at("cases")) {
        INFO(expected.at("name").get<std::string>());
        const RouterSpec spec = spec_from(expected.at("spec"));
        const auto logits = rows_of<float>(expected.at("logits"));
        const auto bias = expected.at("bias").get<std::vector<float>>();
        const auto weights = rows_of<double>(expected.at("weights"));
        // The expected values are rounded to 9 decimals; f32 to 1e-6 of the scale.
        const auto reference = route_reference(logits, spec, bias);
        const auto kernel = route_on(at::kCPU, logits, spec, bias);

        CHECK(reference.experts == rows_of<std::int32_t>(expected.at("experts")));
        CHECK(grid_of<std::int32_t>(kernel.experts) == reference.experts);
        const auto applied = grid_of<float>(kernel.weights);
        for (std::size_t i = 0; i < weights.values().size(); ++i) {
            CHECK_THAT(reference.weights.values()[i], WithinAbs(weights.values()[i], 1e-8));
            CHECK_THAT(applied.values()[i], WithinAbs(weights.values()[i], 1e-6 * spec.scale));
        }
        const auto margin = grid_of<float>(kernel.margin);
        for (std::size_t t = 0; t < logits.rows(); ++t) {
            check_margin(reference.margin[t], expected.at("margin")[t]);
            check_margin(margin(0, t), expected.at("margin")[t]);
        }
    }
}
