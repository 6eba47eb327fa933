#include "app/painters/text.h"

#include <algorithm>
#include <numeric>
#include <thread>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/support/planted_languages.h"

using namespace alluvium;
using Catch::Approx;

namespace {

TextBlock block(std::string text, std::string language = {}, double width = 0) {
    return {std::move(text), {16, false, false, std::move(language)}, width};
}

double right(const Rect& r) {
    return r.x + r.width;
}

double ink(const RgbaImage& image) {
    double sum = 0;
    for (std::size_t i = 3; i < image.pixels.size(); i += 4) sum += image.pixels[i];
    return sum;
}

}  // namespace

TEST_CASE("every language's name of itself has all its glyphs, in a Noto font") {
    for (const Language& language : test::language_table().all()) {
        const FontCheck check = check_fonts(block(language.native_name, language.code));
        CAPTURE(language.code, language.native_name, check.families);
        CHECK(check.missing_glyphs == 0);
        for (const std::string& family : check.families) CHECK(family.starts_with("Noto"));
    }
}

TEST_CASE("ideographs take the forms of their language") {
    const std::string text = "\u76f4\u9aa8";
    const auto families = [&](const char* language) {
        return check_fonts(block(text, language)).families;
    };
    CHECK(families("ja") == std::vector<std::string>{"Noto Sans CJK JP"});
    CHECK(families("zh") == std::vector<std::string>{"Noto Sans CJK SC"});
    CHECK(families("zh-Hant") == std::vector<std::string>{"Noto Sans CJK TC"});
    CHECK(families("zh_TW") == std::vector<std::string>{"Noto Sans CJK TC"});
    CHECK(families("zh-HK") == std::vector<std::string>{"Noto Sans CJK HK"});
    CHECK(families("ko") == std::vector<std::string>{"Noto Sans CJK KR"});
    CHECK(families("fr") == std::vector<std::string>{"Noto Sans CJK SC"});
}

TEST_CASE("the meter knows sizes, weights and tabular figures") {
    const TextMeter meter = pango_meter();
    const TextStyle small{8, false, false, {}}, large{16, false, false, {}};
    CHECK(meter("Share", large).width == Approx(2 * meter("Share", small).width).epsilon(0.01));
    CHECK(meter("Share", {8, true, false, {}}).width > meter("Share", small).width);
    const TextStyle tabular{10, false, true, {}};
    CHECK(meter("1111", tabular).width == Approx(meter("0000", tabular).width));
    CHECK(meter("", small).width == 0);
}

TEST_CASE("measuring is safe from several threads at once") {
    const TextMeter meter = pango_meter();
    const TextStyle style{12, false, false, "ar"};
    const double expected = meter("\u0645\u0631\u062d\u0628\u0627", style).width;
    std::vector<std::thread> threads;
    std::vector<double> widths(4);
    for (std::size_t i = 0; i < widths.size(); ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n < 50; ++n)
                widths[i] = meter("\u0645\u0631\u062d\u0628\u0627", style).width;
        });
    for (std::thread& thread : threads) thread.join();
    for (const double width : widths) CHECK(width == expected);
}

TEST_CASE("text becomes an image in its colour with straight alpha") {
    const TextImage text = rasterize_text(block("Share"), {200, 100, 50});
    REQUIRE(text.image.pixels.size() ==
            static_cast<std::size_t>(text.image.width * text.image.height * 4));
    CHECK(ink(text.image) > 1000);
    bool colored = true;
    for (std::size_t i = 0; i < text.image.pixels.size(); i += 4) {
        const std::uint8_t* p = &text.image.pixels[i];
        // Full ink has the colour exactly; thin edges are rounded.
        if (p[3] == 255) colored = colored && p[0] == 200 && p[1] == 100 && p[2] == 50;
    }
    CHECK(colored);
}

TEST_CASE("an image holds all the ink, wrapped text is higher, no text is an empty image") {
    const TextImage line = rasterize_text(block("one two three four"), {0, 0, 0});
    const TextImage wrapped = rasterize_text(block("one two three four", {}, 60), {0, 0, 0});
    CHECK(wrapped.image.height > 2 * line.image.height - 10);
    CHECK(wrapped.image.width < line.image.width);
    const auto edges_clear = [](const RgbaImage& image) {
        for (int x = 0; x < image.width; ++x)
            for (const int y : {0, image.height - 1})
                if (image.pixels[4 * (static_cast<std::size_t>(y) * image.width + x) + 3] > 0)
                    return false;
        return true;
    };
    CHECK(edges_clear(line.image));
    CHECK(
        edges_clear(rasterize_text(block("\u0e19\u0e49\u0e33\u0e1b\u0e39\u0e48", "th"), {}).image));
    CHECK(ink(rasterize_text(block(""), {0, 0, 0}).image) == 0);
}

TEST_CASE("malformed text is shown, not refused") {
    CHECK(ink(rasterize_text(block("a\xff\xfe"), {0, 0, 0}).image) > 0);
    CHECK(byte_range_rects(block("a\xff"), std::vector<ByteRange>{{0, 1}, {1, 2}})[1].size() == 1);
}

TEST_CASE("tokens of a line lie side by side and cover it") {
    const std::string text = "My chest hurts";
    const std::vector<ByteRange> tokens{{0, 2}, {2, 8}, {8, 14}};
    const auto rects = byte_range_rects(block(text), tokens);
    REQUIRE(rects.size() == 3);
    for (const auto& r : rects) REQUIRE(r.size() == 1);
    CHECK(rects[0][0].x == Approx(0));
    CHECK(rects[1][0].x == Approx(right(rects[0][0])).margin(0.01));
    CHECK(rects[2][0].x == Approx(right(rects[1][0])).margin(0.01));
    CHECK(right(rects[2][0]) ==
          Approx(pango_meter()(text, {16, false, false, {}}).width).margin(0.1));
}

TEST_CASE("right-to-left tokens run from the right") {
    const std::string text = "\u0635\u062f\u0631\u064a \u064a\u0624\u0644\u0645\u0646\u064a";
    const std::size_t space = text.find(' ');
    const auto rects = byte_range_rects(block(text, "ar"),
                                        std::vector<ByteRange>{{0, space}, {space, text.size()}});
    REQUIRE(rects[0].size() == 1);
    REQUIRE(rects[1].size() == 1);
    CHECK(rects[0][0].x == Approx(right(rects[1][0])).margin(0.01));
}

TEST_CASE("two tokens that hold parts of one character share its place, first one first") {
    // A token of bytes covers the whole character it is part of.
    const std::string text = "a\u4e2db";
    const auto rects =
        byte_range_rects(block(text, "zh"), std::vector<ByteRange>{{0, 1}, {1, 4}, {1, 4}, {4, 5}});
    CHECK(rects[1][0].width == Approx(rects[2][0].width));
    CHECK(rects[2][0].x == Approx(right(rects[1][0])).margin(0.01));
    CHECK(rects[3][0].x == Approx(right(rects[2][0])).margin(0.01));
}

TEST_CASE("tokens inside one cluster cut it by their bytes, from the right where it runs so") {
    // Consonant, virama, consonant: one conjunct, 9 bytes.
    const std::string hindi = "\u0915\u094d\u0937";
    const auto rects = byte_range_rects(block(hindi, "hi"), std::vector<ByteRange>{{0, 3}, {3, 9}});
    REQUIRE(rects[0].size() == 1);
    CHECK(rects[1][0].width == Approx(2 * rects[0][0].width));
    // Lam-alef: one ligature.
    const std::string arabic = "\u0644\u0627";
    const auto ligature =
        byte_range_rects(block(arabic, "ar"), std::vector<ByteRange>{{0, 2}, {2, 4}});
    CHECK(ligature[0][0].width == Approx(ligature[1][0].width).margin(0.01));
    CHECK(ligature[0][0].x > ligature[1][0].x);
}

TEST_CASE("a token that wraps has a rectangle on each line") {
    const std::string text = "internationalisation";
    const auto rects =
        byte_range_rects(block(text, {}, 60), std::vector<ByteRange>{{0, text.size()}});
    REQUIRE(rects[0].size() > 1);
    CHECK(rects[0][1].y > rects[0][0].y);
    CHECK(rects[0][1].x == Approx(0));
}

TEST_CASE("text in two directions gives a token one rectangle per run") {
    // The quoted Latin word stands inside Arabic; a token over the border has two pieces.
    const std::string text = "\u0642\u0644 hello \u0644\u064a";
    const std::size_t latin = text.find('h');
    const auto rects = byte_range_rects(block(text, "ar"), std::vector<ByteRange>{{0, latin + 2}});
    CHECK(rects[0].size() == 2);
}

TEST_CASE("empty ranges and ranges beyond the text have no place") {
    const auto rects =
        byte_range_rects(block("abc"), std::vector<ByteRange>{{1, 1}, {3, 9}, {2, 9}});
    CHECK(rects[0].empty());
    CHECK(rects[1].empty());
    CHECK(rects[2].size() == 1);
}
