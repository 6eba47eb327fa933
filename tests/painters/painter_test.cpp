#include <algorithm>
#include <regex>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "analysis/figures/page.h"
#include "app/painters/cairo_painter.h"
#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using Catch::Approx;

namespace {

constexpr Color kInk{20, 30, 40};

// One of every shape, with labels in scripts that need shaping.
Figure sample() {
    Page page("sample", 300, light_theme(), pango_meter());
    page.entitle("Routes <part> & meet", "share of \"selections\"");
    const int datum = page.datum(
        {.kind = "cell", .layer = 3, .expert = 5, .group = "fr", .values = {{"share", 0.25}}});
    page.add(RectShape{.rect = {10, 10, 40, 30}, .fill = {200, 40, 20}}, datum);
    RectShape missing{.rect = {60, 10, 40, 30}, .fill = {228, 230, 234}, .radius = 4};
    missing.hatched = true;
    page.add(missing);
    page.add(LineShape{{{10, 60}, {100, 60}}, kInk, 2, {4, 2}});
    page.add(PolygonShape{{{110, 10}, {140, 10}, {110, 40}}, {0, 90, 200, 128}});
    page.add(CircleShape{{160, 25}, 8, {255, 255, 255}, kInk, 1.5});
    page.add(RibbonShape{180, 10, 20, 280, 30, 40, {16, 167, 129}});
    double y = 80;
    for (const auto& [text, language] :
         {std::pair{"\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "ar"},
          std::pair{"\u0939\u093f\u0928\u094d\u0926\u0940", "hi"},
          std::pair{"\u0e44\u0e17\u0e22", "th"}, std::pair{"\u4e2d\u6587", "zh"},
          std::pair{"\u65e5\u672c\u8a9e", "ja"}, std::pair{"English & <more>", "en"}}) {
        page.text(text, {12, false, false, language}, kInk, {{10, y}, HAlign::left, VAlign::top});
        y += 20;
    }
    return std::move(page).finish(220);
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

Color pixel(const RgbaImage& image, int x, int y) {
    const std::size_t at = 4 * (static_cast<std::size_t>(y) * image.width + x);
    return {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2], image.pixels[at + 3]};
}

// Tags closed in the order in which they were opened, quotes and entities in place.
bool well_formed(const std::string& xml) {
    static const std::regex tag(R"(<(/?)([a-zA-Z]+)((?:\s+[a-zA-Z:_-]+="[^"<]*")*)\s*(/?)>)");
    static const std::regex entity(R"(&(?!(amp|lt|gt|quot);))");
    if (std::regex_search(xml, entity)) return false;
    std::vector<std::string> open;
    std::string rest;
    std::size_t at = xml.find("?>") + 2;
    for (std::sregex_iterator m(xml.begin() + static_cast<std::ptrdiff_t>(at), xml.end(), tag), end;
         m != end; ++m) {
        rest += m->prefix().str();
        if ((*m)[1] == "/") {
            if (open.empty() || open.back() != (*m)[2]) return false;
            open.pop_back();
        } else if ((*m)[4] != "/") {
            open.push_back((*m)[2]);
        }
    }
    return open.empty() && rest.find_first_of("<>") == std::string::npos;
}

}  // namespace

TEST_CASE("a PNG has the size of the figure times its scale") {
    const std::string png = figure_png(sample(), 3);
    REQUIRE(png.size() > 100);
    CHECK(png.substr(1, 3) == "PNG");
    CHECK(big_endian(png, 16) == 900);
    CHECK(big_endian(png, 20) == 660);
}

TEST_CASE("a PDF is one page of the figure's size, has a title and holds its fonts") {
    const std::string pdf = figure_pdf(sample());
    CHECK(pdf.starts_with("%PDF"));
    CHECK(pdf.find("%%EOF") != std::string::npos);
    std::smatch box;
    REQUIRE(std::regex_search(pdf, box, std::regex(R"(/MediaBox \[\s*0 0 (\d+) (\d+)\s*\])")));
    CHECK(box[1] == "300");
    CHECK(box[2] == "220");
    CHECK(pdf.find("/Title") != std::string::npos);
    CHECK(pdf.find("NotoSans") != std::string::npos);
}

TEST_CASE("an SVG is well formed, has the figure's size, title, description and tooltips") {
    const std::string svg = figure_svg(sample());
    CHECK(well_formed(svg));
    CHECK(svg.find("width=\"300pt\" height=\"220pt\"") != std::string::npos);
    CHECK(svg.find("<title id=\"title\">Routes &lt;part&gt; &amp; meet</title>") !=
          std::string::npos);
    CHECK(svg.find("<desc id=\"desc\">share of &quot;selections&quot;</desc>") !=
          std::string::npos);
    CHECK(svg.find("<title>layer 3, expert 5, fr\nshare: 0.25</title>") != std::string::npos);
    CHECK(svg.find("aria-label=\"English &amp; &lt;more&gt;\"") != std::string::npos);
    CHECK(svg.find("<text") == std::string::npos);  // outlines: no font is needed to read it
}

TEST_CASE("equal labels of an SVG are outlined once") {
    Page page("labels", 100, light_theme(), pango_meter());
    for (int i = 0; i < 5; ++i)
        page.text("0.50", small_style(), kInk, {{10, 10.0 + 12 * i}, HAlign::left, VAlign::top});
    const std::string svg = figure_svg(std::move(page).finish(80));
    const auto count = [&svg](const std::string& part) {
        std::size_t n = 0;
        for (std::size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1))
            ++n;
        return n;
    };
    CHECK(count("<path id=") == 1);
    CHECK(count("<use") == 5);
}

TEST_CASE("shapes are painted where they lie, in their colours") {
    const Figure figure = sample();
    const RgbaImage image = paint_figure(figure, 2);
    CHECK(image.width == 600);
    CHECK(image.height == 440);
    CHECK(pixel(image, 2, 2) == figure.background);
    CHECK(pixel(image, 60, 50) == Color{200, 40, 20});
    CHECK(pixel(image, 320, 50) == Color{255, 255, 255});  // inside the circle
    CHECK(pixel(image, 230, 30) == Color{127, 172, 227});  // half blue over white
    CHECK(pixel(image, 362, 30) == Color{16, 167, 129});   // where the ribbon leaves
    CHECK(pixel(image, 460, 50) == Color{16, 167, 129});   // half way: y = 25
    CHECK(pixel(image, 380, 70) == figure.background);
}

TEST_CASE("a missing cell is hatched, not plain") {
    const RgbaImage image = paint_figure(sample(), 4);
    int fill = 0, other = 0;
    for (int y = 60; y < 140; ++y)
        for (int x = 260; x < 380; ++x)
            (pixel(image, x, y) == Color{228, 230, 234} ? fill : other)++;
    CHECK(fill > 1000);
    CHECK(other > 1000);
}

TEST_CASE("the file's ending decides what is written") {
    const test::TemporaryFolder folder;
    save_figure(sample(), folder / "a.svg");
    save_figure(sample(), folder / "a.PDF");
    save_figure(sample(), folder / "a.png", 1);
    CHECK(read_file(folder / "a.svg").starts_with("<?xml"));
    CHECK(read_file(folder / "a.PDF").starts_with("%PDF"));
    CHECK(big_endian(read_file(folder / "a.png"), 16) == 300);
    CHECK_THROWS_AS(save_figure(sample(), folder / "a.jpg"), UserError);
    CHECK_THROWS_AS(check_figure_path("figure"), UserError);
    CHECK_THROWS_AS(save_figure(sample(), folder.path() / "no" / "such" / "a.png"), UserError);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 3);
}

TEST_CASE("painting the same figure twice gives the same picture") {
    CHECK(figure_svg(sample()) == figure_svg(sample()));
    CHECK(figure_png(sample()) == figure_png(sample()));
}
