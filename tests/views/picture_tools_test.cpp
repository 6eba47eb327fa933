// What is done to a picture: boxes, pins, orders, swiping.
#include <algorithm>
#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/session/notes.h"
#include "app/views/view.h"
#include "base/files.h"
#include "tests/support/language_trace.h"
#include "tests/views/places.h"

using namespace alluvium;
using alluvium::test::canvas_of;
using alluvium::test::Driver;
using alluvium::test::place_of;

namespace {

std::string open_trace_in(Driver& driver, const std::string& name, std::uint64_t seed = 1) {
    test::LanguageTrace plan;
    plan.checkpoint_id = name;
    plan.seed = seed;
    const std::string path = test::write_language_trace(driver.folder() / (name + ".h5"), plan);
    driver.open(path);
    return path;
}

auto cell(int layer, int expert, const std::string& group) {
    return [=](const Datum& d) {
        return d.kind == "cell" && d.layer == layer && d.expert == expert && d.group == group;
    };
}

}  // namespace

TEST_CASE("Shift and a drag draw a box with its statistics, Escape takes it away", "[ui]") {
    Driver driver;
    open_trace_in(driver, "a");
    const FigurePtr figure = driver.session().results().shown("heat map");
    REQUIRE(figure);
    const Camera before = driver.session().view().camera("heatmap");
    std::optional<BoxSelection> box;
    CHECK(driver.run([&](ImGuiTestContext& c) {
        const ImRect canvas = canvas_of(c, "heatmap");
        c.MouseMoveToPos(*place_of(*figure, {}, canvas, cell(2, 0, "hi")));
        c.KeyDown(ImGuiMod_Shift);
        c.MouseDown(0);
        c.MouseMoveToPos(*place_of(*figure, {}, canvas, cell(6, 3, "hi")));
        c.MouseUp(0);
        c.KeyUp(ImGuiMod_Shift);
        c.Yield(2);
        box = driver.workbench().shell().state().box;
        IM_CHECK(c.WindowInfo("//##box heat map").Window != nullptr);
        c.KeyPress(ImGuiKey_Escape);
    }));
    REQUIRE(box);
    CHECK_FALSE(box->drawing);
    CHECK(driver.session().view().camera("heatmap") == before);
    CHECK_FALSE(driver.workbench().shell().state().box.has_value());
}

TEST_CASE("An expert is pinned where it is seen, and noted about beside the trace", "[ui]") {
    Driver driver;
    const std::string trace = open_trace_in(driver, "a");
    const FigurePtr figure = driver.session().results().shown("heat map");
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.MouseMoveToPos(*place_of(*figure, {}, canvas_of(c, "heatmap"), cell(6, 2, "hi")));
        c.MouseClick(1);
        c.ItemClick("//**/Pin");
        c.ItemInputValue("//Selection/Name", "Hindi words");
        c.ItemInputValue("//Selection/Group", "languages");
    }));
    const Note expected{6, 2, "Hindi words", "languages", ""};
    CHECK(read_notes(trace).all() == std::vector{expected});
    driver.session().close(trace);
    driver.open(trace);
    REQUIRE(driver.session().notes(trace).find(6, 2) != nullptr);
    CHECK(*driver.session().notes(trace).find(6, 2) == expected);
    // The list of what is pinned leads back to it.
    driver.session().select({});
    CHECK(driver.run([](ImGuiTestContext& c) { c.ItemClick("//Selection/**/##pin"); }));
    CHECK(driver.session().view().selection == Selection{.layer = 6, .expert = 2});
}

TEST_CASE("Notes that cannot be read are said, and never written over", "[ui]") {
    Driver driver;
    const std::string path = driver.folder() / "a.h5";
    write_file_atomically(notes_path(path), "{ broken");
    open_trace_in(driver, "a");
    REQUIRE(driver.session().messages().size() == 1);
    driver.session().note(path, {.layer = 1, .expert = 1});
    CHECK(driver.session().messages().size() == 2);
    CHECK(read_file(notes_path(path)) == "{ broken");
}

TEST_CASE("Experts are sorted by the selected layer and language", "[ui]") {
    Driver driver;
    const std::string trace = open_trace_in(driver, "a");
    driver.session().select({.layer = 7, .expert = 0, .group = "hi"});
    driver.workbench().settle();
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.ItemClick("//Heat map/##order");
        c.ItemClick("//**/use by Hindi (hi) in layer 7");
    }));
    CHECK(driver.session().view().order == "share:7:hi");
    const FigurePtr figure = driver.session().results().shown("heat map");
    const AnalysisPtr analysis = driver.session().analysis(trace).result;
    REQUIRE(figure);
    REQUIRE(analysis);
    // From left to right the shares of Hindi in layer 7 fall.
    std::size_t hindi = 0;
    while (analysis->groups[hindi].label != "hi") ++hindi;
    std::map<float, double> share_at;
    for (int e = 0; e < 12; ++e) {
        const auto at = place_of(*figure, {}, ImRect(0, 0, 900, 600), cell(7, e, "hi"));
        REQUIRE(at);
        share_at[at->x] = analysis->layers[7].share(hindi, static_cast<std::size_t>(e));
    }
    REQUIRE(share_at.size() == 12);
    double last = 1;
    for (const auto& [x, share] : share_at) {
        CHECK(share <= last);
        last = share;
    }
}

TEST_CASE("A dense model's trace opens and says that there is no routing", "[ui]") {
    Driver driver;
    driver.open(ALLUVIUM_SOURCE_DIR "/captures/examples/specimen-dense.h5");
    for (const char* view : {kTokens, kCircuit, kDivergence, kHeatmap}) {
        driver.workbench().shell().state().bring_to_front = {view};
        driver.workbench().settle();
    }
    CHECK(driver.session().documents().traces().size() == 1);
    CHECK(driver.session().messages().empty());
}

TEST_CASE("Swiping shows A left and B right of the line, in one place", "[ui]") {
    Driver driver;
    open_trace_in(driver, "a", 1);
    open_trace_in(driver, "b", 2);
    float line = 0, moved = 0;
    const auto line_at = [](ImGuiTestContext& c) {
        return c.ItemInfo("//Compare/##swipe line").RectFull.GetCenter().x;
    };
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.ItemClick("//Compare/Swipe");
        c.Yield(4);
        line = line_at(c);
    }));
    const RgbaImage middle = driver.workbench().pixels();
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.ItemDragWithDelta("//Compare/##swipe line", {200, 0});
        c.Yield(2);
        moved = line_at(c);
    }));
    const RgbaImage right = driver.workbench().pixels();
    CHECK(std::abs(moved - line - 200) < 3);
    // Left of the old line nothing has changed, between the lines B has become A.
    const auto differing = [&](int from, int to) {
        std::size_t count = 0;
        for (int y = middle.height / 3; y < middle.height * 3 / 4; ++y) {
            for (int x = from; x < to; ++x) {
                const auto at = std::size_t(y * middle.width + x) * 4;
                count += middle.pixels[at] != right.pixels[at] ? 1 : 0;
            }
        }
        return count;
    };
    CHECK(differing(int(line) - 150, int(line) - 20) == 0);
    CHECK(differing(int(line) + 20, int(line) + 180) > 100);
}

TEST_CASE("Text on the screen is as wide as it is measured, plain and shaped", "[ui]") {
    Driver driver;
    CHECK(driver.run([&](ImGuiTestContext&) {
        ScreenText& text = driver.workbench().shell().ui().gui.text();
        const TextStyle style{.size = 20};
        for (const char* words : {"et les mains", "कहाँ दर्द", "أين يؤلمك؟"}) {
            ImDrawList& list = *ImGui::GetForegroundDrawList();
            const int before = list.VtxBuffer.Size;
            text.draw(list, {100, 100}, words, style, {0, 0, 0});
            float left = 1e9F, right = 0;
            for (int v = before; v < list.VtxBuffer.Size; ++v) {
                left = std::min(left, list.VtxBuffer[v].pos.x);
                right = std::max(right, list.VtxBuffer[v].pos.x);
            }
            // Ink may stick out of the advance, and an image has a margin, by a few pixels.
            CHECK(std::abs(right - left - text.measure(words, style).x) < 6);
        }
    }));
}

TEST_CASE("A circuit is played from the first layer to the last and is whole again", "[ui]") {
    Driver driver;
    open_trace_in(driver, "a");
    driver.workbench().shell().state().bring_to_front = {kCircuit};
    driver.workbench().settle();
    const auto colors = [&] {
        return test::colors_in(driver.workbench().pixels(), ImRect(400, 300, 1300, 900));
    };
    const std::size_t whole = colors();
    bool plays = false;
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.ItemClick("//Circuit/###play");
        c.Yield(2);
        plays = driver.workbench().shell().in_motion();
        c.ItemClick("//Circuit/###play");
    }));
    CHECK(plays);
    CHECK_FALSE(driver.workbench().shell().state().playing);
    driver.workbench().shell().state().playing = true;
    for (int i = 0; i < 3; ++i) driver.workbench().frame();
    save_png(driver.workbench().pixels(),
             ALLUVIUM_SOURCE_DIR "/build/screenshots/workbench-playing.png");
    const std::size_t early = colors();
    CHECK(early > 2);  // something is there
    CHECK(early < whole / 2);
    for (int i = 0; i < 100000 && driver.workbench().shell().state().playing; ++i) {
        driver.workbench().frame();
    }
    driver.workbench().frame();
    CHECK(colors() == whole);
}

TEST_CASE("A circuit that is out of sight does not play on", "[ui]") {
    Driver driver;
    open_trace_in(driver, "a");
    driver.workbench().shell().state().playing = true;  // behind the heat map
    for (int i = 0; i < 3; ++i) driver.workbench().frame();
    CHECK_FALSE(driver.workbench().shell().in_motion());
}

TEST_CASE("Keys go from token to token and on into the next prompt", "[ui]") {
    Driver driver;
    open_trace_in(driver, "a");
    const PromptTable& prompts = driver.session().documents().traces()[0].trace->header().prompts;
    std::optional<TokenPos>& token = driver.workbench().shell().state().token;
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.KeyPress(ImGuiKey_Period);
        CHECK(token == TokenPos{0});
        c.KeyPress(ImGuiKey_Comma);
        CHECK(token == TokenPos{0});
        token = prompts.first_token[1] - 1;
        c.KeyPress(ImGuiKey_Period);
    }));
    CHECK(token == prompts.first_token[1]);
    CHECK(driver.session().view().prompt == 1);
}
