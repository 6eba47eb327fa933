// The figure of frequent paths shows what was counted.
#include "analysis/figures/paths_figure.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "tests/analysis/planted_trace.h"
#include "tests/support/figure_checks.h"
#include "tests/support/planted_languages.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

RoutePaths planted_paths(std::size_t layers) {
    const TracePtr trace =
        planted_trace({.layers = layers, .pull = [](double depth) { return depth / 2; }});
    Progress progress;
    return route_paths(*trace, {}, {}, progress);
}

void check_page(const Figure& figure) {
    CHECK(overlapping_labels(figure, plain_meter()).empty());
    const std::vector<std::string> outside = marks_outside(figure, plain_meter());
    INFO((outside.empty() ? "" : outside.front()));
    CHECK(outside.empty());
}

}  // namespace

TEST_CASE("The paths figure shows the last window's frequent paths and the overlap of all") {
    const RoutePaths paths = planted_paths(6);
    REQUIRE(paths.windows.size() == 4);
    for (const double width : {0.0, 420.0}) {
        const Figure figure = paths_figure(paths, {.width = width}, light_theme(), plain_meter());
        check_page(figure);
        const PathWindow& last = paths.windows.back();
        const Datum* path = find_datum(figure, "path", 3, -1, "l1");
        REQUIRE(path != nullptr);
        const FrequentPath& first = last.frequent[1].front();
        CHECK(value_of(*path, "path")->text == std::to_string(first.experts[0]) + " " +
                                                   std::to_string(first.experts[1]) + " " +
                                                   std::to_string(first.experts[2]));
        CHECK(value_of(*path, "share")->number == first.share);
        CHECK(value_of(*find_datum(figure, "paths", 3, -1, "l1"), "effective")->number ==
              last.entropy[1].effective);
        for (const PathWindow& window : paths.windows) {
            const Datum* overlap = find_datum(figure, "overlap", window.layers.front(), -1, "");
            REQUIRE(overlap != nullptr);
            CHECK(value_of(*overlap, "overlap")->number == window.overlap);
            CHECK(value_of(*overlap, "chance")->number == window.overlap_null);
        }
    }
}

TEST_CASE("The paths figure takes the window that begins at a layer, or says which there are") {
    const RoutePaths paths = planted_paths(6);
    const Figure figure = paths_figure(paths, {.layer = 1}, dark_theme(), plain_meter());
    CHECK(has_text(figure, "Paths through layers 1, 2, 3"));
    CHECK_THROWS_AS(paths_figure(paths, {.layer = 4}, light_theme(), plain_meter()), UserError);
    CHECK_THROWS_AS(paths_figure(planted_paths(2), {}, light_theme(), plain_meter()), UserError);
}
