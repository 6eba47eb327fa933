// Pictures of the workbench for eyes: every layout and every view in front, light and dark, small
// and large. Looked at by people before a release; here only: something was drawn.
#include <filesystem>

#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/views/screenshot.h"
#include "app/views/view.h"
#include "tests/support/language_trace.h"
#include "tests/support/temporary_folder.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::colors_in;
using alluvium::test::LanguageTrace;
using alluvium::test::TemporaryFolder;
using alluvium::test::write_language_trace;

namespace {

// build/screenshots, whichever build folder this is.
std::filesystem::path pictures() {
    const std::filesystem::path folder = ALLUVIUM_SOURCE_DIR "/build/screenshots";
    std::filesystem::create_directories(folder);
    return folder;
}

void take(const std::string& name, const ScreenshotOptions& options) {
    const RgbaImage image = screenshot(options);
    save_png(image, pictures() / ("workbench-" + name + ".png"));
    INFO(name);
    CHECK(image.width == options.width);
    CHECK(colors_in(image, ImRect(0, 0, float(image.width), float(image.height))) > 100);
}

struct TwoTraces {
    TemporaryFolder folder;
    std::string a, b;

    TwoTraces() {
        LanguageTrace plan;
        a = write_language_trace(folder / "planted-a.h5", plan);
        plan.checkpoint_id = "bbbb";
        plan.seed = 7;
        plan.pull = 0.2;
        b = write_language_trace(folder / "planted-b.h5", plan);
    }
};

const Selection kCell{.layer = 6, .expert = 2, .group = "hi"};

}  // namespace

TEST_CASE("The empty workbench is pictured", "[ui]") {
    take("empty", {.width = 1280, .height = 720});
    take("empty-dark", {.width = 1280, .height = 720, .dark = true});
}

TEST_CASE("Every layout is pictured small and large, light and dark", "[ui]") {
    const TwoTraces traces;
    for (const bool dark : {false, true}) {
        const std::string look = dark ? "-dark" : "";
        for (const auto& [width, height] : {std::pair{1280, 720}, {1920, 1080}}) {
            const std::string size = "-" + std::to_string(height) + look;
            ScreenshotOptions options{.paths = {traces.a}, .width = width, .height = height};
            options.dark = dark;
            options.selection = kCell;
            take("explore" + size, options);
            options.layout = Layout::circuit;
            take("circuit" + size, options);
            options.layout = {};
            options.paths = {traces.a, traces.b};
            take("compare" + size, options);
        }
    }
}

TEST_CASE("Views behind tabs are pictured in front", "[ui]") {
    const TwoTraces traces;
    ScreenshotOptions options{.paths = {traces.a}, .width = 1600, .height = 1000};
    for (const char* view : {kCircuit, kDivergence}) {
        options.front = view;
        take(std::string("front-") + view, options);
    }
    // Prompts 0 to 5 say the same in French, Arabic, Hindi, Thai, Chinese and Hebrew.
    options.front = kTokens;
    for (const std::size_t prompt : {1, 2, 3, 4}) {
        options.prompt = prompt;
        options.selection = prompt == 1 ? Selection{} : kCell;
        take("tokens-" + std::to_string(prompt), options);
    }
    options.front = {};
    options.scale = 2;
    options.width = 3200;
    options.height = 1800;
    take("explore-scale-2", options);
    // A desktop of four times full HD, at the scale that it is used with and at one.
    options.width = 3840;
    options.height = 2160;
    take("explore-2160", options);
    options.scale = 1;
    options.paths = {traces.a, traces.b};
    take("compare-2160-scale-1", options);
}

TEST_CASE("A trace of twelve languages is pictured", "[ui]") {
    const TemporaryFolder folder;
    LanguageTrace plan;
    plan.languages = {"ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "ru", "zh"};
    plan.layers = 16;
    ScreenshotOptions options{.paths = {write_language_trace(folder / "twelve.h5", plan)}};
    take("twelve-1000", options);
    options.width = 1280;
    options.height = 720;
    take("twelve-720", options);
}

TEST_CASE("The example captures are pictured", "[ui]") {
    const std::string example = ALLUVIUM_SOURCE_DIR "/captures/examples/qwen3-30b-a3b-mgsm.h5";
    take("example-qwen3", {.paths = {example}, .width = 1920, .height = 1080});
}
