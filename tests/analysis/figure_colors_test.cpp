#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/figures/color_space.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/groups.h"
#include "tests/support/color_vision.h"

using namespace alluvium;
using Catch::Approx;

namespace {

const std::vector<Theme> kThemes{light_theme(), dark_theme()};

double difference(Color a, Color b) {
    return color_difference(to_lab(a), to_lab(b));
}

double smallest_difference(std::span<const Color> colors, const test::VisionMatrix& vision) {
    double least = 1e9;
    for (std::size_t i = 0; i < colors.size(); ++i)
        for (std::size_t j = i + 1; j < colors.size(); ++j)
            least = std::min(least, difference(test::seen_as(colors[i], vision),
                                               test::seen_as(colors[j], vision)));
    return least;
}

}  // namespace

TEST_CASE("colour differences agree with the published test pairs of CIEDE2000") {
    // Sharma, Wu, Dalal 2005, table 1: hue discontinuities, small and large differences.
    struct Row {
        Lab x, y;
        double expected;
    };
    const std::vector<Row> rows{
        {{50, 2.6772, -79.7751}, {50, 0, -82.7485}, 2.0425},
        {{50, -1.3802, -84.2814}, {50, 0, -82.7485}, 1.0000},
        {{50, 2.4900, -0.0010}, {50, -2.4900, 0.0009}, 7.1792},
        {{50, 2.4900, -0.0010}, {50, -2.4900, 0.0011}, 7.2195},
        {{50, 2.5, 0}, {73, 25, -18}, 27.1492},
        {{50, 2.5, 0}, {58, 24, 15}, 19.4535},
        {{60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}, 1.2644},
        {{2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}, 0.9082}};
    for (const Row& row : rows)
        CHECK(color_difference(row.x, row.y) == Approx(row.expected).margin(5e-5));
}

TEST_CASE("colours survive the way to Lab and back, and impossible ones keep their lightness") {
    for (const Color c :
         {Color{0, 0, 0}, Color{255, 255, 255}, Color{12, 200, 99}, Color{255, 0, 0}})
        CHECK(from_lab(to_lab(c)) == c);
    const Lab wanted{60, 120, -120};
    CHECK(to_lab(from_lab(wanted)).L == Approx(60).margin(0.6));
}

TEST_CASE("contrast is that of WCAG") {
    CHECK(contrast_ratio({0, 0, 0}, {255, 255, 255}) == Approx(21));
    CHECK(contrast_ratio({119, 119, 119}, {255, 255, 255}) == Approx(4.48).margin(0.005));
}

TEST_CASE("text reads on every colour of every map") {
    for (const Theme& theme : kThemes)
        for (int i = 0; i <= 200; ++i) {
            const double t = i / 200.0;
            for (const Color fill :
                 {ratio_color(6 * t - 3, theme), share_color(t, theme),
                  difference_color(2 * t - 1, 1, theme), never_chosen_color(theme), theme.missing})
                REQUIRE(contrast_ratio(text_on(fill), fill) >= 4.5);
        }
}

TEST_CASE("words of both themes read on their background") {
    for (const Theme& theme : kThemes)
        for (const Color c :
             {theme.text, theme.muted, readable_on(neutral_color(theme), theme.background)})
            CHECK(contrast_ratio(c, theme.background) >= 4.5);
}

TEST_CASE("the five selected languages differ clearly under every kind of colour vision") {
    for (const Theme& theme : kThemes) {
        const auto palette = selection_palette(theme);
        for (const auto* vision : {&test::kNormal, &test::kProtan, &test::kDeutan, &test::kTritan})
            CHECK(smallest_difference(palette, *vision) >= 20);
        for (const Color c : palette) CHECK(contrast_ratio(c, theme.background) >= 3);
    }
}

TEST_CASE("the maps are even: equal steps of the number look equally far apart") {
    constexpr int kSteps = 32;  // 8 bits a channel forbid finer comparison
    for (const Theme& theme : kThemes) {
        const auto check = [&](const auto& color, double from, double to) {
            std::vector<double> steps;
            double mean = 0;
            for (int i = 0; i < kSteps; ++i) {
                const double a = from + (to - from) * i / kSteps;
                const double b = from + (to - from) * (i + 1) / kSteps;
                steps.push_back(difference(color(a), color(b)));
                mean += steps.back() / kSteps;
            }
            // Rounding to 8 bits moves a colour by about 0.3; a step is about 2 to 3.
            for (const double step : steps) CHECK(step == Approx(mean).margin(0.35 * mean));
        };
        check([&](double t) { return share_color(t, theme); }, 0, 1);
        check([&](double t) { return ratio_color(t, theme); }, 0.05, 3);
        check([&](double t) { return ratio_color(t, theme); }, -3, -0.05);
        check([&](double t) { return difference_color(t, 1, theme); }, 0.02, 1);
    }
}

TEST_CASE("the sequential map only darkens, or only brightens in the dark") {
    for (const Theme& theme : kThemes) {
        double last = to_lab(share_color(0, theme)).L;
        for (int i = 1; i <= 64; ++i) {
            const double L = to_lab(share_color(i / 64.0, theme)).L;
            CHECK((theme.dark ? L - last : last - L) > -0.2);
            last = L;
        }
    }
}

TEST_CASE("chance is neutral, above and below chance differ for every kind of vision") {
    for (const Theme& theme : kThemes) {
        const Lab zero = to_lab(ratio_color(0, theme));
        CHECK(std::hypot(zero.a, zero.b) < 8);
        for (const auto* vision : {&test::kNormal, &test::kProtan, &test::kDeutan, &test::kTritan})
            for (const double size : {1.0, 2.0, 3.0})
                CHECK(difference(test::seen_as(ratio_color(size, theme), *vision),
                                 test::seen_as(ratio_color(-size, theme), *vision)) > 15);
    }
}

TEST_CASE("missing and never chosen look like nothing on the scale") {
    for (const Theme& theme : kThemes) {
        CHECK(ratio_color(std::nan(""), theme) == theme.missing);
        CHECK(share_color(std::nan(""), theme) == theme.missing);
        CHECK(difference_color(std::nan(""), 1, theme) == theme.missing);
        for (int i = 0; i <= 100; ++i)
            CHECK(difference(never_chosen_color(theme), ratio_color(-3 + 0.06 * i, theme)) > 8);
    }
}

TEST_CASE("numbers beyond the scale take its ends") {
    const Theme theme = light_theme();
    CHECK(ratio_color(9, theme) == ratio_color(3, theme));
    CHECK(ratio_color(-9, theme) == ratio_color(-3, theme));
    CHECK(difference_color(1, 0.5, theme) == difference_color(0.5, 0.5, theme));
}

TEST_CASE(
    "with more groups than the palette holds, relatives get neighbouring hues and no two are "
    "equal") {
    std::vector<GroupLook> looks;
    for (const char* name : {"de", "en", "nl", "es", "fr", "it", "pt"})
        looks.push_back({name, name, {}, "Indo-European", *name < 'e' ? "Germanic" : "Romance"});
    for (const char* name : {"ar", "ja", "ko", "zh", "hu"})
        looks.push_back({name, name, {}, name, {}});
    for (const Theme& theme : kThemes) {
        const std::vector<Color> colors = group_colors(looks, {}, theme);
        CHECK(smallest_difference(colors, test::kNormal) > 6);
        const double relatives = difference(colors[0], colors[1]);
        CHECK(relatives < difference(colors[0], colors[7]));
    }
}

TEST_CASE("a selection takes the palette and greys the rest") {
    std::vector<GroupLook> looks;
    for (int i = 0; i < 8; ++i)
        looks.push_back({std::to_string(i), std::to_string(i), {}, "f", {}});
    const std::vector<std::size_t> selected{6, 1};
    const Theme theme = light_theme();
    const auto colors = group_colors(looks, selected, theme);
    CHECK(colors[6] == selection_palette(theme)[0]);
    CHECK(colors[1] == selection_palette(theme)[1]);
    for (const std::size_t other : {0u, 2u, 3u, 4u, 5u, 7u})
        CHECK(colors[other] == neutral_color(theme));
}
