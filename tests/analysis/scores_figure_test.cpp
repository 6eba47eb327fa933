#include "analysis/figures/scores_figure.h"

#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/figure_checks.h"

using namespace alluvium;
using alluvium::test::plain_meter;

namespace {

ScorePanel panel() {
    return {.title = "Nats per byte",
            .axis = "layers with experts",
            .joined = true,
            .points = {{"0", 1.659, 1.646, 1.672}, {"1", 1.658, 1.645, 1.671}}};
}

template <typename T>
std::size_t count(const Figure& figure) {
    std::size_t found = 0;
    for (const Mark& mark : figure.marks) found += std::holds_alternative<T>(mark.shape);
    return found;
}

}  // namespace

TEST_CASE("a score is a point with its interval, and its numbers are attached") {
    const Figure figure =
        scores_figure({panel()}, {.title = "t", .subtitle = "s"}, light_theme(), plain_meter());
    CHECK(count<CircleShape>(figure) == 2);
    REQUIRE(figure.data.size() == 2);
    CHECK(figure.data[0].group == "0");
    CHECK(figure.data[0].values.at(0).number == 1.659);
    CHECK(figure.data[0].values.at(1).number == 1.646);
    CHECK(figure.data[0].values.at(2).number == 1.672);
}

TEST_CASE("a larger score stands higher") {
    const Figure figure =
        scores_figure({panel()}, {.title = "t", .subtitle = "s"}, light_theme(), plain_meter());
    std::vector<double> heights;
    for (const Mark& mark : figure.marks) {
        if (const auto* circle = std::get_if<CircleShape>(&mark.shape)) {
            heights.push_back(circle->center.y);
        }
    }
    REQUIRE(heights.size() == 2);
    CHECK(heights[0] < heights[1]);
}

TEST_CASE("a missing score is hatched, and a published one is hollow") {
    ScorePanel missing = panel();
    missing.points[1].value = std::nan("");
    missing.hollow = true;
    const Figure figure =
        scores_figure({missing}, {.title = "t", .subtitle = "s"}, light_theme(), plain_meter());
    CHECK(count<CircleShape>(figure) == 1);
    bool hatched = false;
    for (const Mark& mark : figure.marks) {
        if (const auto* rect = std::get_if<RectShape>(&mark.shape)) hatched |= rect->hatched;
        if (const auto* circle = std::get_if<CircleShape>(&mark.shape)) {
            CHECK(circle->fill == light_theme().background);
        }
    }
    CHECK(hatched);
}
