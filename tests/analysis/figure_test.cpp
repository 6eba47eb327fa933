#include "analysis/figures/figure.h"

#include <limits>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/figures/axis.h"
#include "analysis/figures/numbers.h"
#include "analysis/figures/page.h"
#include "tests/support/figure_checks.h"

using namespace alluvium;
using Catch::Approx;

namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();

Figure with_marks(std::vector<Shape> shapes) {
    Figure figure;
    for (Shape& shape : shapes) {
        figure.data.push_back(
            {.kind = std::to_string(figure.data.size()), .group = {}, .values = {}});
        figure.marks.push_back({std::move(shape), static_cast<int>(figure.data.size()) - 1});
    }
    return figure;
}

std::string kind_at(const Figure& figure, Point p) {
    const Datum* datum = hit_test(figure, p);
    return datum == nullptr ? "" : datum->kind;
}

}  // namespace

TEST_CASE("a pointer finds the topmost shape with data under it") {
    Figure figure = with_marks({RectShape{.rect = {0, 0, 10, 10}, .fill = {}},
                                RectShape{.rect = {5, 5, 10, 10}, .fill = {}}});
    figure.marks.push_back({RectShape{.rect = {0, 0, 100, 100}, .fill = {}}, -1});  // decoration
    CHECK(kind_at(figure, {2, 2}) == "0");
    CHECK(kind_at(figure, {7, 7}) == "1");
    CHECK(kind_at(figure, {50, 50}).empty());
}

TEST_CASE("a pointer finds lines, circles and polygons where they are seen") {
    const Figure figure =
        with_marks({LineShape{{{0, 0}, {100, 0}}, {}}, CircleShape{{50, 50}, 3, {}},
                    PolygonShape{{{60, 60}, {80, 60}, {60, 80}}, {}}});
    CHECK(kind_at(figure, {40, 1.5}) == "0");
    CHECK(kind_at(figure, {40, 9}).empty());
    CHECK(kind_at(figure, {53, 51}) == "1");
    CHECK(kind_at(figure, {64, 64}) == "2");
    CHECK(kind_at(figure, {78, 78}).empty());
}

TEST_CASE("a ribbon is found inside its curved edges only") {
    const RibbonShape ribbon{0, 0, 10, 100, 60, 70, {}};
    const Figure figure = with_marks({ribbon});
    CHECK(kind_at(figure, {1, 5}) == "0");
    CHECK(kind_at(figure, {99, 65}) == "0");
    CHECK(kind_at(figure, {50, 35}) == "0");
    CHECK(kind_at(figure, {1, 60}).empty());
    CHECK(kind_at(figure, {-1, 5}).empty());
}

TEST_CASE("a ribbon's edges start and end level and meet half way in the middle") {
    const RibbonShape ribbon{0, 0, 10, 100, 60, 90, {}};
    CHECK(ribbon_at(ribbon, 0).top == Approx(0).margin(1e-6));
    CHECK(ribbon_at(ribbon, 50).top == Approx(30));
    CHECK(ribbon_at(ribbon, 50).bottom == Approx(50));
    CHECK(ribbon_at(ribbon, 100).bottom == Approx(90));
    // Horizontal tangents: one unit along, hardly any rise.
    CHECK(ribbon_at(ribbon, 1).top < 0.1);
}

TEST_CASE("text stands where its alignment says") {
    const TextMeter meter = test::plain_meter();
    TextShape text{{100, 50}, "abcd", {10, false, false, {}}, {}, HAlign::right, VAlign::baseline};
    CHECK(text_box(text, meter).x == Approx(100 - 22));
    text.h = HAlign::center;
    CHECK(text_box(text, meter).x == Approx(89));
    text.v = VAlign::top;
    CHECK(text_box(text, meter).y == Approx(50));
    text.v = VAlign::bottom;
    CHECK(text_box(text, meter).y + text_box(text, meter).height == Approx(50));
    text.v = VAlign::middle;
    CHECK(baseline_y(text) == Approx(50 + 3.57));  // half the capitals of Noto Sans below
}

TEST_CASE("the numbers of a figure read back from its CSV exactly, and missing ones are empty") {
    Figure figure;
    figure.data.push_back({.kind = "cell",
                           .layer = 3,
                           .expert = 1,
                           .group = "a,\"b\"",
                           .values = {{"share", 1.0 / 3}, {"tokens", kNaN}}});
    figure.data.push_back({.kind = "node",
                           .layer = 4,
                           .group = {},
                           .values = {{"kind of node", 0, "shared"}, {"share", 1e-300}}});
    CHECK(figure_csv(figure) ==
          "kind,layer,expert,to_expert,group,share,tokens,kind of node\r\n"
          "cell,3,1,,\"a,\"\"b\"\"\",0.3333333333333333,,\r\n"
          "node,4,,,,1e-300,,shared\r\n");
}

TEST_CASE("numbers are short, percents never round to none or all, missing is said") {
    CHECK(number_text(1.0 / 12) == "0.0833");
    CHECK(number_text(12345.6) == "12,346");
    CHECK(number_text(-2500) == "-2,500");
    CHECK(number_text(0) == "0");
    CHECK(number_text(kNaN) == "missing");
    CHECK(percent_text(0.453) == "45%");
    CHECK(percent_text(0.001) == "<1%");
    CHECK(percent_text(0.999) == ">99%");
    CHECK(percent_text(0) == "0%");
    const Datum datum{.kind = "ribbon",
                      .layer = 2,
                      .expert = 3,
                      .to_expert = 5,
                      .group = "fr",
                      .values = {{"flow", 0.25}, {"kind", 0, "shared"}}};
    CHECK(datum_text(datum) == "layer 2, expert 3 to 5, fr\nflow: 0.25\nkind: shared");
}

TEST_CASE("text wraps at spaces, cuts only words that are wider than the line") {
    const TextMeter meter = test::plain_meter();
    const TextStyle style{10, false, false, {}};  // 5.5 points a character
    CHECK(wrap_text("one two three", style, 45, meter) ==
          std::vector<std::string>{"one two", "three"});
    CHECK(wrap_text("abcdefgh", style, 22, meter) == std::vector<std::string>{"abcd", "efgh"});
    CHECK(wrap_text("", style, 45, meter).empty());
    CHECK(shortened("abcdefgh", style, 30, meter) == "abcd\u2026");
    CHECK(shortened("abc", style, 30, meter) == "abc");
}

TEST_CASE("labels move apart as little as possible and stay inside") {
    const std::vector<double> wanted{50, 20, 50, 90};
    const auto at = spread_labels(wanted, 10, 0, 100);
    CHECK(at == std::vector<double>{45, 20, 55, 90});
    const std::vector<double> low{-30, -30};
    CHECK(spread_labels(low, 10, 0, 100) == std::vector<double>{5, 15});
    const std::vector<double> crowded{1, 2, 3, 4, 5};
    const auto squeezed = spread_labels(crowded, 10, 0, 30);
    CHECK(squeezed.front() == Approx(5));
    CHECK(squeezed.back() == Approx(25));
}

TEST_CASE("boxes of different heights keep their order and never overlap") {
    const std::vector<double> wanted{40, 30, 35}, heights{20, 4, 10};
    const auto at = spread_boxes(wanted, heights, 0, 100);
    CHECK(at[1] - at[0] == Approx(12));
    CHECK(at[2] - at[1] == Approx(7));
    CHECK((at[0] - 40) + (at[1] - 30) + (at[2] - 35) == Approx(0).margin(1e-9));
}

TEST_CASE("axis ticks are round and labels keep apart") {
    const Ticks ticks = round_ticks(0, 0.286, 6);
    CHECK(ticks.at.size() == 6);
    CHECK(ticks.at.back() == Approx(0.25));
    CHECK(ticks.digits == 2);
    CHECK(round_ticks(-0.003, 0.018, 6).digits == 3);
    const std::vector<double> places{0, 5, 10, 15, 20};
    CHECK(label_step(places, 4) == 1);
    CHECK(label_step(places, 9) == 2);
    CHECK(label_step(places, 16) == 4);
}
