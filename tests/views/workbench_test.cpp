#include <atomic>
#include <cmath>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "app/views/exports.h"
#include "app/views/figure_canvas.h"
#include "app/views/view.h"
#include "base/error.h"
#include "base/files.h"
#include "tests/support/language_trace.h"
#include "tests/views/driver.h"
#include "tests/views/places.h"

using namespace alluvium;
using alluvium::test::canvas_of;
using alluvium::test::colors_in;
using alluvium::test::Driver;
using alluvium::test::LanguageTrace;
using alluvium::test::place_of;
using alluvium::test::write_language_trace;

namespace {

std::string write_trace_of(const Driver& driver, const std::string& name,
                           const std::string& checkpoint, std::uint64_t seed = 1) {
    LanguageTrace plan;
    plan.checkpoint_id = checkpoint;
    plan.seed = seed;
    return write_language_trace(driver.folder() / (name + ".h5"), plan);
}

double value_of(const Datum& datum, const std::string& name) {
    for (const Value& value : datum.values) {
        if (value.name == name) return value.number;
    }
    return std::nan("");
}

ModelServices model_that(std::function<void(const CaptureJob&, Progress&)> capture) {
    return {.describe =
                [](const std::filesystem::path& folder) {
                    CheckpointSummary summary;
                    summary.name = folder.filename();
                    summary.family = "planted";
                    summary.layers = summary.routed_layers = 8;
                    summary.experts = 12;
                    summary.top_k = 2;
                    return summary;
                },
            .capture = std::move(capture)};
}

}  // namespace

TEST_CASE("An empty workbench says what to do next", "[ui]") {
    Driver driver;
    CHECK(driver.run([](ImGuiTestContext& c) {
        c.ItemClick("//**/Open a trace or session...");
        IM_CHECK(c.WindowInfo("//###path window").Window != nullptr);
    }));
}

TEST_CASE("A trace opened by its path is drawn", "[ui]") {
    Driver driver;
    const std::string path = write_trace_of(driver, "t", "aaaa");
    ImRect canvas;
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.ItemInput("//Project/##open path");
        c.KeyCharsReplaceEnter(path.c_str());
        while (driver.session().jobs().busy()) c.Yield();
        c.Yield(4);
        while (driver.session().jobs().busy()) c.Yield();
        c.Yield(4);
        canvas = canvas_of(c, "heatmap");
    }));
    CHECK(driver.session().view().a == path);
    CHECK(driver.session().messages().empty());
    const FigurePtr figure = driver.session().results().shown("heat map");
    REQUIRE(figure);
    // 6 languages and their mean, 8 layers, 12 experts.
    std::size_t cells = 0;
    for (const Datum& datum : figure->data) cells += datum.kind == "cell" ? 1 : 0;
    CHECK(cells == 7 * 8 * 12);
    CHECK(colors_in(driver.workbench().pixels(), canvas) > 50);
}

TEST_CASE("Hovering a cell reads its numbers and clicking selects it everywhere", "[ui]") {
    Driver driver;
    const std::string path = write_trace_of(driver, "t", "aaaa");
    driver.open(path);
    const FigurePtr figure = driver.session().results().shown("heat map");
    REQUIRE(figure);
    const auto wanted = [](const Datum& d) {
        return d.kind == "cell" && d.layer == 6 && d.expert == 2 && d.group == "hi";
    };
    Selection hovered;
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        const ImRect canvas = canvas_of(c, "heatmap");
        const auto at = place_of(*figure, {}, canvas, wanted);
        IM_CHECK(at.has_value());
        c.MouseMoveToPos(*at);
        c.Yield(2);
        hovered = driver.workbench().shell().state().hovered;
        c.MouseClick(0);
    }));
    const Selection expected{.layer = 6, .expert = 2, .group = "hi"};
    CHECK(hovered == expected);
    CHECK(driver.session().view().selection == expected);

    // The numbers under the pointer are those of the analysis.
    const AnalysisPtr analysis = driver.session().analysis(path).result;
    REQUIRE(analysis);
    std::size_t g = 0;
    while (analysis->groups[g].label != "hi") ++g;
    const LayerAnalysis& layer = analysis->layers[6];
    const auto datum = std::find_if(figure->data.begin(), figure->data.end(), wanted);
    REQUIRE(datum != figure->data.end());
    CHECK(value_of(*datum, "share of selections") == layer.share(g, 2));
    CHECK(value_of(*datum, "chance") == layer.chance_share());
    CHECK(value_of(*datum, "tokens that chose it") == static_cast<double>(layer.selections(g, 2)));
}

TEST_CASE("Arrow keys and brackets move the selection, Escape clears it, Ctrl+Z brings it back",
          "[ui]") {
    Driver driver;
    driver.open(write_trace_of(driver, "t", "aaaa"));
    driver.session().select({.layer = 3, .expert = 4, .group = "fr"});
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.KeyPress(ImGuiKey_RightArrow);
        c.KeyPress(ImGuiKey_UpArrow);
        c.KeyPress(ImGuiKey_RightBracket);
        c.Yield();
    }));
    const Selection moved = driver.session().view().selection;
    CHECK(moved.layer == 4);
    CHECK(moved.expert == 5);
    CHECK(moved.group != "fr");
    CHECK(driver.run([&](ImGuiTestContext& c) { c.KeyPress(ImGuiKey_Escape); }));
    CHECK(driver.session().view().selection.empty());
    CHECK(driver.run([&](ImGuiTestContext& c) { c.KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z); }));
    CHECK(driver.session().view().selection == moved);
}

TEST_CASE("The wheel zooms at the pointer and a drag pans", "[ui]") {
    Driver driver;
    driver.open(write_trace_of(driver, "t", "aaaa"));
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        const ImRect canvas = canvas_of(c, "heatmap");
        c.MouseMoveToPos(canvas.GetCenter());
        c.MouseWheelY(3);
        c.Yield();
    }));
    const Camera zoomed = driver.session().view().camera("heatmap");
    CHECK(zoomed.zoom > 1.5);
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        const ImRect canvas = canvas_of(c, "heatmap");
        c.MouseMoveToPos(canvas.GetCenter());
        c.MouseDown(0);
        c.MouseMoveToPos(ImVec2(canvas.GetCenter().x + 60, canvas.GetCenter().y));
        c.MouseUp(0);
    }));
    CHECK(driver.session().view().camera("heatmap").x < zoomed.x);
    CHECK(driver.session().view().selection.empty());  // a drag is no click
}

TEST_CASE("A second trace opens beside the first, on the same scale and in the same order",
          "[ui]") {
    Driver driver;
    driver.open(write_trace_of(driver, "a", "aaaa", 1));
    driver.open(write_trace_of(driver, "b", "bbbb", 2));
    CHECK(driver.session().view().layout == Layout::compare);
    const FigurePtr a = driver.session().results().shown("compare A");
    const FigurePtr b = driver.session().results().shown("compare B");
    REQUIRE(a);
    REQUIRE(b);
    CHECK(driver.session().results().shown("compare difference"));
    // Cells of the same layer, expert and language lie at the same place.
    const ImRect canvas(0, 0, 600, 400);
    for (const int expert : {0, 5, 11}) {
        const auto same = [expert](const Datum& d) {
            return d.kind == "cell" && d.layer == 7 && d.expert == expert && d.group == "zh";
        };
        const auto in_a = place_of(*a, {}, canvas, same), in_b = place_of(*b, {}, canvas, same);
        REQUIRE((in_a && in_b));
        CHECK(std::abs(in_a->x - in_b->x) < 1);
        CHECK(std::abs(in_a->y - in_b->y) < 1);
    }
}

TEST_CASE("A run is started with its button, shows progress and ends in a picture", "[ui]") {
    Driver driver(model_that([](const CaptureJob& job, Progress& progress) {
        progress.start(job.prompts.size());
        progress.advance(job.prompts.size());
        write_language_trace(job.output);
    }));
    std::filesystem::create_directories(driver.folder() / "specimen");
    driver.open(driver.folder() / "specimen");
    driver.session().choose_prompts({.own_text = "Où ?", .own_language = "fr"});
    CHECK(driver.run([&](ImGuiTestContext& c) { c.ItemClick("//Prompts/Run  (Ctrl+Enter)"); }));
    CHECK(driver.session().messages().empty());
    CHECK(driver.session().documents().traces().size() == 1);
    CHECK(driver.session().results().shown("heat map"));
}

TEST_CASE("A run can be cancelled while the window goes on drawing", "[ui]") {
    std::atomic<bool> started = false;
    Driver driver(model_that([&](const CaptureJob&, Progress& progress) {
        progress.start(1000);
        started = true;
        while (true) {
            progress.check();
            std::this_thread::yield();
        }
    }));
    std::filesystem::create_directories(driver.folder() / "specimen");
    driver.open(driver.folder() / "specimen");
    driver.session().choose_prompts({.own_text = "Où ?", .own_language = "fr"});
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.KeyPress(ImGuiMod_Ctrl | ImGuiKey_Enter);
        while (!started) c.Yield();
        c.Yield(10);
        IM_CHECK(driver.session().jobs().busy());
        c.ItemClick("//Prompts/Cancel");
        while (driver.session().jobs().busy()) c.Yield();
    }));
    CHECK(driver.session().messages().empty());
    CHECK(driver.session().documents().traces().empty());
}

TEST_CASE("A run that fails leaves a message that can be copied, and the workbench alive", "[ui]") {
    Driver driver(model_that([](const CaptureJob&, Progress&) {
        throw UserError("layer 3: tensor is missing", "download the checkpoint again");
    }));
    std::filesystem::create_directories(driver.folder() / "specimen");
    driver.open(driver.folder() / "specimen");
    driver.session().choose_prompts({.own_text = "Où ?", .own_language = "fr"});
    std::string copied;
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.ItemClick("//Prompts/Run  (Ctrl+Enter)");
        while (driver.session().jobs().busy()) c.Yield();
        c.Yield(2);
        c.ItemClick("//###messages/$$0/Copy");
        copied = ImGui::GetClipboardText();
    }));
    CHECK(copied.find("error: layer 3: tensor is missing") != std::string::npos);
    CHECK(copied.find("hint: download the checkpoint again") != std::string::npos);
    CHECK(driver.run([](ImGuiTestContext& c) { c.ItemClick("//###messages/$$0/Dismiss"); }));
    CHECK(driver.session().messages().empty());
    driver.open(write_trace_of(driver, "t", "aaaa"));
    CHECK(driver.session().results().shown("heat map"));
}

TEST_CASE("A picture is saved from the menu as the command line would make it", "[ui]") {
    Driver driver;
    driver.open(write_trace_of(driver, "t", "aaaa"));
    const std::string svg = driver.folder() / "map.svg", csv = driver.folder() / "map.csv";
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.MenuClick("//##MainMenuBar/File/Save the heat map...");
        c.ItemInputValue("//###path window/##path", svg.c_str());  // ends with Enter
        while (driver.session().jobs().busy()) c.Yield();
        c.ItemClick("//Heat map/Export");
        c.ItemClick("//**/Numbers as csv...");
        c.ItemInput("//###path window/##path");
        c.KeyCharsReplace(csv.c_str());
        c.ItemClick("//###path window/Save");
        while (driver.session().jobs().busy()) c.Yield();
    }));
    CHECK(driver.session().messages().empty());
    REQUIRE(std::filesystem::exists(svg));
    CHECK(read_file(svg).starts_with("<?xml"));
    REQUIRE(std::filesystem::exists(csv));
    CHECK(read_file(csv).find("share of selections") != std::string::npos);
}

TEST_CASE("A difference is saved as it is shown, A minus B", "[ui]") {
    Driver driver;
    const std::string a = write_trace_of(driver, "a", "aaaa", 1);
    const std::string b = write_trace_of(driver, "b", "bbbb", 2);
    driver.open(a);
    driver.open(b);
    driver.session().show_b(b);
    driver.workbench().settle();
    const std::string out = driver.folder() / "difference.csv";
    export_figure(driver.session(), FigureKind::difference, *driver.session().documents().trace(a),
                  out);
    driver.workbench().settle();
    CHECK(driver.session().messages().empty());
    CHECK(read_file(out).find("A - B") != std::string::npos);
}

TEST_CASE("A comparison whose second trace is closed asks for it when undo brings it back",
          "[ui]") {
    Driver driver;
    const std::string a = write_trace_of(driver, "a", "aaaa", 1);
    const std::string b = write_trace_of(driver, "b", "bbbb", 2);
    driver.open(a);
    driver.open(b);
    driver.session().show_b(b);
    driver.workbench().settle();
    driver.session().close(b);
    driver.session().undo();
    driver.workbench().settle();
    REQUIRE(driver.session().view().b == b);
    CHECK(driver.run([](ImGuiTestContext& c) {
        c.ItemClick("//**/Difference");
        c.Yield(4);
        c.ItemClick("//**/Open it again");
    }));
    CHECK(driver.session().documents().trace(b) != nullptr);
}

TEST_CASE("The palette finds an action by a few letters", "[ui]") {
    Driver driver;
    CHECK_FALSE(driver.session().settings().dark);
    CHECK(driver.run([](ImGuiTestContext& c) {
        c.KeyPress(ImGuiMod_Ctrl | ImGuiKey_P);
        c.KeyCharsReplaceEnter("dark");
    }));
    CHECK(driver.session().settings().dark);
}

TEST_CASE("Closing everything leads back to the empty workbench", "[ui]") {
    Driver driver;
    const std::string path = write_trace_of(driver, "t", "aaaa");
    driver.open(path);
    CHECK(driver.run([&](ImGuiTestContext& c) { c.ItemClick("//Project/**/x##close"); }));
    CHECK(driver.session().documents().traces().empty());
    CHECK(driver.session().view().a.empty());
}

TEST_CASE("A workbench that nobody touches has nothing to redraw", "[ui]") {
    Driver driver;
    driver.open(write_trace_of(driver, "t", "aaaa"));
    CHECK_FALSE(driver.workbench().shell().in_motion());
}
