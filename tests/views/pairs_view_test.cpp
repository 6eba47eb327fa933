// Minimal pairs from the window, run on the specimen.
#include <chrono>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/views/view.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::Driver;

namespace {

void take(Driver& driver, const std::string& name) {
    driver.workbench().settle();
    const std::filesystem::path folder = ALLUVIUM_SOURCE_DIR "/build/screenshots";
    std::filesystem::create_directories(folder);
    save_png(driver.workbench().pixels(), folder / ("workbench-" + name + ".png"));
}

void open_pairs(Driver& driver) {
    driver.session().choose_default_prompts();
    driver.open(ALLUVIUM_SOURCE_DIR "/assets/specimen");
    driver.workbench().shell().state().bring_to_front = {kPairs};
    driver.workbench().settle();
}

void wait(Driver& driver, ImGuiTestContext& c) {
    c.Yield(2);
    while (driver.session().jobs().busy()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        c.Yield();
    }
    c.Yield(3);
}

// The entry of a prompt in the list of the set.
std::string item_of(Driver& driver, const std::string& id) {
    const auto set = driver.session().prompt_set();
    std::size_t row = 0;
    while (set->prompts.at(row).id != id) ++row;
    return "//$FOCUSED/" + id + "##" + std::to_string(row);
}

const MinimalPair& last_pair(Driver& driver) {
    return std::get<MinimalPair>(*driver.session().pairs().documents().back().result);
}

}  // namespace

TEST_CASE("A prompt is duplicated, one word of the copy is changed, and the pair is run", "[ui]") {
    Driver driver(model_services());
    open_pairs(driver);
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.SetRef(c.WindowInfo("//Pairs/##form").ID);
        c.ItemInput("##first text");
        c.KeyCharsReplace("My head hurts after meals.");
        c.ItemClick("Duplicate");
        c.ItemClick("##word1");
        c.ItemInput("##instead");
        c.KeyChars("stomach");
        c.ItemClick("Put it there");
        c.ItemClick("Run the pair");
        wait(driver, c);
    }));
    for (const Message& message : driver.session().messages()) UNSCOPED_INFO(message.text());
    CHECK(driver.session().messages().empty());
    REQUIRE(driver.session().pairs().documents().size() == 1);
    const MinimalPair& pair = last_pair(driver);
    CHECK(pair.texts.a == "My head hurts after meals.");
    CHECK(pair.texts.b == "My stomach hurts after meals.");
    CHECK(pair.unequal_before == 0);
    take(driver, "pairs");
    std::string copied;
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.SetRef(c.WindowInfo("//Pairs/##result").ID);
        c.ItemClick("Copy...");
        c.ItemClick("//$FOCUSED/As command");
        copied = ImGui::GetClipboardText();
    }));
    CHECK(copied.find("--against 'My stomach hurts after meals.'") != std::string::npos);
    // The capture opens in all views.
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.SetRef(c.WindowInfo("//Pairs/##result").ID);
        c.ItemClick("Open the capture");
        wait(driver, c);
    }));
    CHECK(driver.session().documents().traces().size() == 1);
}

TEST_CASE("A prompt of the set is taken and written in the other script", "[ui]") {
    for (const bool dark : {false, true}) {
        const OffscreenWorkbench::Options look{
            .width = dark ? 1280 : 1600, .height = dark ? 720 : 1000, .settings = {.dark = dark}};
        Driver driver(model_services(), look);
        open_pairs(driver);
        REQUIRE(driver.run([&](ImGuiTestContext& c) {
            c.SetRef(c.WindowInfo("//Pairs/##form").ID);
            c.ItemClick("##prompt of the set");
            c.ItemClick(item_of(driver, dark ? "m01.ar" : "m01.hi").c_str());
            c.ItemClick("Other script");
            c.ItemClick("Run the pair");
            wait(driver, c);
        }));
        CHECK(driver.session().messages().empty());
        REQUIRE(driver.session().pairs().documents().size() == 1);
        const MinimalPair& pair = last_pair(driver);
        CHECK(pair.texts.language_a == (dark ? "ar" : "hi"));
        CHECK(pair.spans.front().changed);
        take(driver, dark ? "pairs-ar-720-dark" : "pairs-hi");
    }
}

TEST_CASE("The language read is set against the one to be written", "[ui]") {
    Driver driver(model_services());
    open_pairs(driver);
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.SetRef(c.WindowInfo("//Pairs/##form").ID);
        c.ItemClick("Read or written");
        c.ItemClick("Run the pair");
        wait(driver, c);
    }));
    CHECK(driver.session().messages().empty());
    REQUIRE(driver.session().pairs().documents().size() == 1);
    const auto& result = std::get<ReadOrWritten>(*driver.session().pairs().documents()[0].result);
    CHECK(result.groups == 24);
    CHECK(result.first == "en");
    CHECK(result.second == "fr");
    CHECK_FALSE(result.sentence.empty());
    take(driver, "pairs-languages");
}

TEST_CASE("A pair can be cancelled while it runs", "[ui]") {
    std::atomic<bool> started = false;
    ModelServices model = model_services();
    model.capture = [&](const CaptureJob&, Progress& progress) {
        started = true;
        for (;;) {
            progress.check();
            std::this_thread::yield();
        }
    };
    Driver driver(model);
    open_pairs(driver);
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.SetRef(c.WindowInfo("//Pairs/##form").ID);
        c.ItemInput("##first text");
        c.KeyCharsReplace("My head hurts.");
        c.ItemInput("##second text");
        c.KeyCharsReplace("My back hurts.");
        c.ItemClick("Run the pair");
        while (!started) c.Yield();
        c.ItemClick("**/Cancel");
        wait(driver, c);
    }));
    CHECK(driver.session().messages().empty());
    CHECK(driver.session().pairs().documents().empty());
}
