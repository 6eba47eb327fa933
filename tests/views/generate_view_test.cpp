// A model goes on with a typed prompt, token by token, from the window.
#include <chrono>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/views/view.h"
#include "captures/generated_text.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::Driver;

namespace {

void take(Driver& driver, const std::string& name) {
    driver.workbench().shell().state().bring_to_front = {kTokens};
    driver.workbench().settle();
    const std::filesystem::path folder = ALLUVIUM_SOURCE_DIR "/build/screenshots";
    std::filesystem::create_directories(folder);
    save_png(driver.workbench().pixels(), folder / ("workbench-" + name + ".png"));
}

}  // namespace

TEST_CASE("A typed prompt is gone on with, token by token, and ends as a capture", "[ui]") {
    // The specimen, which waits after the fifth step until the window has shown it.
    std::atomic<int> steps = 0;
    std::atomic<bool> go_on = false;
    ModelServices model = model_services();
    model.capture = [&, real = model.capture](const CaptureJob& job, Progress& progress) {
        CaptureJob watched = job;
        watched.live = [&](const LiveTokens& tokens) {
            job.live(tokens);
            if (++steps != 5) return;
            while (!go_on) {
                progress.check();
                std::this_thread::yield();
            }
        };
        real(watched, progress);
    };
    Driver driver(model);
    const std::string text = "बच्चे को बुखार है और";
    driver.session().choose_prompts({.own_text = text, .own_language = "hi"});
    driver.open(ALLUVIUM_SOURCE_DIR "/assets/specimen");
    std::size_t read = 0, seen = 0;
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.ItemInputValue("//Prompts/##new tokens", 12);
        c.ItemClick("//Prompts/Generate");
        while (steps < 5) c.Yield();
        c.Yield(3);
        const auto strip = driver.session().live()->strip(0, 0);
        seen = strip ? strip->tokens.size() : 0;
        CHECK(c.GetWindowByRef("//Tokens")->DockTabIsVisible);
        CHECK(strip->text.starts_with(text));
        CHECK(strip->text.size() > text.size());
        CHECK(strip->tokens.back().experts.size() == 2);
        go_on = true;
        while (driver.session().jobs().busy()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            c.Yield();
        }
        c.Yield(3);
        CHECK(c.GetWindowByRef("//Tokens")->DockTabIsVisible);
    }));
    for (const Message& message : driver.session().messages()) UNSCOPED_INFO(message.text());
    CHECK(driver.session().messages().empty());
    CHECK(driver.session().live() == nullptr);
    REQUIRE(driver.session().documents().traces().size() == 1);
    const TraceHeader& header = driver.session().documents().traces()[0].trace->header();
    const TokenTable tokens =
        driver.session().documents().traces()[0].trace->tokens({0, header.token_count});
    for (const std::uint8_t phase : tokens.phase) read += phase == kPhasePrompt ? 1 : 0;
    CHECK(seen == read + 4);  // the prompt, then a token a step
    CHECK(whole_text(header.prompts, 0).size() > text.size());
    CHECK(driver.session().view().a == driver.session().documents().traces()[0].id);
    take(driver, "generated-hi");
}

TEST_CASE("Generating is cancelled and leaves nothing", "[ui]") {
    std::atomic<bool> started = false;
    ModelServices model = model_services();
    model.capture = [&, real = model.capture](const CaptureJob& job, Progress& progress) {
        CaptureJob watched = job;
        watched.live = [&](const LiveTokens& tokens) {
            job.live(tokens);
            started = true;
            for (;;) {
                progress.check();
                std::this_thread::yield();
            }
        };
        real(watched, progress);
    };
    Driver driver(model);
    driver.session().choose_prompts({.own_text = "Lavez-vous les mains"});
    driver.open(ALLUVIUM_SOURCE_DIR "/assets/specimen");
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.ItemClick("//Prompts/Generate");
        while (!started) c.Yield();
        c.ItemClick("//Prompts/Cancel");
        while (driver.session().jobs().busy()) c.Yield();
        c.Yield(2);
    }));
    CHECK(driver.session().messages().empty());
    CHECK(driver.session().live() == nullptr);
    CHECK(driver.session().documents().traces().empty());
}
