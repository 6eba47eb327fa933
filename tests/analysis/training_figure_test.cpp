#include "analysis/figures/training_figure.h"

#include <cmath>
#include <limits>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/figure_checks.h"

using namespace alluvium;
using alluvium::test::plain_meter;

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// The loss falls from 5 by 0.01 a step; with routers where `share` is a number.
TrainingRun run_of(std::string name, std::int64_t steps, double share = kMissing) {
    TrainingRun run;
    run.name = std::move(name);
    for (std::int64_t i = 1; i <= steps; ++i) {
        run.steps.push_back({.step = i,
                             .tokens = static_cast<std::uint64_t>(4096 * i),
                             .loss = 5 - 0.01 * static_cast<double>(i),
                             .balance_loss = kMissing,
                             .routing_entropy = std::isfinite(share) ? 2.0 : kMissing,
                             .own_expert_share = share});
    }
    return run;
}

bool says(const Figure& figure, const std::string& text) {
    for (const Mark& mark : figure.marks) {
        const auto* shape = std::get_if<TextShape>(&mark.shape);
        if (shape != nullptr && shape->text.find(text) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a running mean is over the last values, fewer at the start, without missing ones") {
    const std::vector<double> means = running_mean({1, 3, kMissing, 5, 9}, 2);
    REQUIRE(means.size() == 5);
    CHECK(means[0] == 1);
    CHECK(means[1] == 2);
    CHECK(means[2] == 2);
    CHECK(means[3] == 4);
    CHECK(means[4] == 7);
}

TEST_CASE("the curve of a run carries its steps and losses, its title where it stands") {
    const Figure figure =
        training_figure({run_of("hybrid-k", 100)}, {}, light_theme(), plain_meter());
    CHECK(figure.title == "hybrid-k: loss 4.990 to 4.005 nats per token");  // mean of two steps
    REQUIRE_FALSE(figure.data.empty());
    const Datum& last = figure.data.back();
    CHECK(last.values.at(0).number == 100);
    CHECK(last.values.at(1).number == 4.0);
}

TEST_CASE("a run without routers has no panels of routing") {
    const Figure dense = training_figure({run_of("dense", 5)}, {}, light_theme(), plain_meter());
    CHECK_FALSE(says(dense, "Entropy of the routers"));
    const Figure routed =
        training_figure({run_of("moe", 5, 0.4)}, {}, light_theme(), plain_meter());
    CHECK(says(routed, "Entropy of the routers"));
    CHECK(says(routed, "Tokens whose router chooses"));
}

TEST_CASE("a run that has not made a step yet, or one only, is drawn without a curve") {
    const Figure none = training_figure({run_of("new", 0)}, {}, light_theme(), plain_meter());
    CHECK(none.title == "new: no step yet");
    CHECK(none.data.empty());
    const Figure one = training_figure({run_of("new", 1)}, {}, light_theme(), plain_meter());
    CHECK(one.data.size() == 1);
}

TEST_CASE("validations are circles at their steps") {
    TrainingRun run = run_of("moe", 10);
    run.validation = {{5, "fr", 4.0, 1.0}, {5, "mean", 4.5, 1.5}};
    const Figure figure = training_figure({run}, {}, light_theme(), plain_meter());
    std::size_t circles = 0;
    for (const Mark& mark : figure.marks)
        circles += std::holds_alternative<CircleShape>(mark.shape);
    CHECK(circles == 1);
    CHECK(figure.data.back().kind == "validation");
    CHECK(figure.data.back().values.at(1).number == 4.5);
}

TEST_CASE("several runs share an axis and are named at their ends") {
    const Figure figure = training_figure({run_of("hybrid-k", 50), run_of("top-k", 80)}, {},
                                          light_theme(), plain_meter());
    CHECK(says(figure, "4.500  hybrid-k"));
    CHECK(says(figure, "4.200  top-k"));
}
