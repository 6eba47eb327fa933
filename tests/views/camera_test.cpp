#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "app/views/figure_canvas.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;

namespace {

// Screen positions are single precision: at a thousand pixels, steps of 6e-5.
constexpr double kPixel = 1e-3;

Figure page(double width, double height) {
    Figure figure;
    figure.width = width;
    figure.height = height;
    return figure;
}

const ImVec2 kCorner(100, 50), kSize(800, 400);

}  // namespace

TEST_CASE("A fitted figure lies whole in the middle of its panel") {
    // 400 x 400 points into 800 x 400 pixels: one pixel a point, 200 pixels free on each side.
    const Placement place = place_figure(page(400, 400), {}, kCorner, kSize);
    CHECK_THAT(place.scale, WithinAbs(1, 1e-6));
    CHECK_THAT(place.to_screen({0, 0}).x, WithinAbs(300, kPixel));
    CHECK_THAT(place.to_screen({0, 0}).y, WithinAbs(50, kPixel));
    CHECK_THAT(place.to_screen({400, 400}).x, WithinAbs(700, kPixel));
}

TEST_CASE("Screen and figure coordinates are each other's inverse") {
    const Placement place = place_figure(page(640, 300), {3, 0.2, 0.7}, kCorner, kSize);
    const Point there = place.to_figure(place.to_screen({123, 45}));
    CHECK_THAT(there.x, WithinAbs(123, kPixel));
    CHECK_THAT(there.y, WithinAbs(45, kPixel));
}

TEST_CASE("Zooming keeps the point under the pointer where it is") {
    const Figure figure = page(640, 300);
    const ImVec2 pointer(333, 222);
    const Camera before{1.5, 0.4, 0.6};
    const Point point = place_figure(figure, before, kCorner, kSize).to_figure(pointer);
    for (const double factor : {1.2, 3.0, 0.8}) {
        const Camera after = zoomed(before, factor, figure, pointer, kCorner, kSize);
        CHECK_THAT(after.zoom, WithinAbs(1.5 * factor, 1e-9));
        const ImVec2 now = place_figure(figure, after, kCorner, kSize).to_screen(point);
        CHECK_THAT(now.x, WithinAbs(pointer.x, kPixel));
        CHECK_THAT(now.y, WithinAbs(pointer.y, kPixel));
    }
}

TEST_CASE("A drag moves the figure with the pointer") {
    const Figure figure = page(640, 300);
    const Camera before{2, 0.5, 0.5};
    const Camera after = panned(before, figure, {30, -20}, kCorner, kSize);
    const ImVec2 from = place_figure(figure, before, kCorner, kSize).to_screen({100, 100});
    const ImVec2 to = place_figure(figure, after, kCorner, kSize).to_screen({100, 100});
    CHECK_THAT(to.x - from.x, WithinAbs(30, kPixel));
    CHECK_THAT(to.y - from.y, WithinAbs(-20, kPixel));
}

TEST_CASE("A figure cannot be dragged out of its panel, nor zoomed out of sight") {
    const Figure figure = page(640, 300);
    const Camera far = panned({1, 0.5, 0.5}, figure, {1e6F, 1e6F}, kCorner, kSize);
    CHECK(far.x == 0);
    CHECK(far.y == 0);
    CHECK(zoomed({1, 0.5, 0.5}, 1e-9, figure, {400, 200}, kCorner, kSize).zoom == 0.5);
    CHECK(zoomed({1, 0.5, 0.5}, 1e9, figure, {400, 200}, kCorner, kSize).zoom == 64);
}
