#include "app/session/box_statistics.h"

#include <limits>

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

// Cells of 10 x 10 points in a row: the n-th has the value n, the last none.
Figure row_of_cells(int cells) {
    Figure figure;
    for (int i = 0; i < cells; ++i) {
        const bool missing = i == cells - 1;
        const double value = missing ? std::numeric_limits<double>::quiet_NaN() : i;
        figure.data.push_back({"cell", i / 2, i, -1, "fr", {{"share", value, ""}}});
        figure.marks.push_back({RectShape{.rect = {10.0 * i, 0, 10, 10}, .fill = {}}, i});
    }
    return figure;
}

Size no_text(std::string_view, const TextStyle&) {
    return {};
}

}  // namespace

TEST_CASE("A box counts what has its centre inside, and no missing values") {
    const BoxStatistics box = box_statistics(row_of_cells(6), {14, 0, 100, 10}, no_text);
    // Centres 15 to 55: cells 1 to 5, of which the last has no value.
    CHECK(box.marks == 5);
    CHECK(box.layers == std::set<int>{0, 1, 2});
    CHECK(box.experts == std::set<int>{1, 2, 3, 4, 5});
    REQUIRE(box.values.size() == 1);
    CHECK(box.values[0].count == 4);
    CHECK(box.values[0].sum == 10);
    CHECK(box.values[0].mean == 2.5);
    CHECK(box.values[0].low == 1);
    CHECK(box.values[0].high == 4);
}

TEST_CASE("What is drawn with several marks counts once, other kinds not at all") {
    Figure figure = row_of_cells(3);
    figure.marks.push_back(figure.marks[1]);
    figure.data.push_back({"node", 0, 0, -1, "", {{"share", 100, ""}}});
    figure.marks.push_back({RectShape{.rect = {12, 2, 2, 2}, .fill = {}}, 3});
    const BoxStatistics box = box_statistics(figure, {0, 0, 20, 10}, no_text);
    CHECK(box.marks == 2);
    CHECK(box.values[0].sum == 1);
}

TEST_CASE("An empty box has nothing to say") {
    CHECK(box_statistics(row_of_cells(3), {500, 0, 1, 1}, no_text).marks == 0);
}
