// Training and evaluation from the window, by the program itself on the specimen.
#include <chrono>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/views/view.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::Driver;

namespace {

constexpr const char* kSpecimen = ALLUVIUM_SOURCE_DIR "/assets/specimen";
constexpr int kSteps = 120;
constexpr const char* kTexts = ALLUVIUM_SOURCE_DIR "/assets/prompts/first.tsv";

// The form of a view: a part of its window.
void in_form(ImGuiTestContext& c, const char* view) {
    c.SetRef(c.WindowInfo((std::string("//") + view + "/##form").c_str()).ID);
}

// The button stands in the form of `view`.
void choose_file(ImGuiTestContext& c, const char* view, const char* button,
                 const std::string& path) {
    in_form(c, view);
    c.ItemClick(button);
    c.Yield(2);
    c.SetRef("//###path window");
    c.ItemInput("##path");
    c.KeyCharsReplaceEnter(path.c_str());
    c.Yield(2);
    in_form(c, view);
}

void picture(const Driver& driver, const char* name) {
    const std::filesystem::path folder = ALLUVIUM_SOURCE_DIR "/build/screenshots";
    std::filesystem::create_directories(folder);
    save_png(const_cast<Driver&>(driver).workbench().pixels(), folder / name);
}

// A frame, with time for the program that runs beside the window.
void wait(ImGuiTestContext& c) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    c.Yield();
}

void show_training(Driver& driver) {
    driver.session().choose_default_prompts();
    driver.open(kSpecimen);
    driver.session().change_view("train", [](ViewState& v) { v.layout = Layout::train; });
    driver.workbench().settle();
}

}  // namespace

TEST_CASE("The specimen's own training is drawn when it is opened", "[ui]") {
    Driver driver(model_services());
    show_training(driver);
    REQUIRE(driver.session().training().runs().size() == 1);
    const TrainingRunPtr run = driver.session().training().runs()[0].run;
    REQUIRE(run);
    CHECK(run->steps.size() > 100);
    CHECK(driver.session().messages().empty());
    picture(driver, "workbench-train.png");
}

TEST_CASE("A training run is started, stopped and gone on with from the window", "[ui]") {
    Driver driver(model_services());
    show_training(driver);
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        choose_file(c, kTrain, "Texts/Add...", kTexts);
        c.ItemInputValue("steps", kSteps);
        c.ItemInputValue("sequences a step", 2);
        c.ItemInputValue("tokens a sequence", 32);
        c.ItemInputValue("save every", 0);
        c.ItemClick("Start training");
        c.Yield(2);
        const auto& runs = driver.session().training().runs();
        IM_CHECK_EQ(runs.size(), 2u);
        const std::string id = runs[1].id;
        while (!(driver.session().training().runs()[1].run &&
                 !driver.session().training().runs()[1].run->steps.empty())) {
            IM_CHECK(driver.session().training().running(id));
            wait(c);
        }
        driver.session().training().stop(id);
        while (driver.session().training().running(id)) wait(c);
    }));
    const RunDocument stopped = driver.session().training().runs()[1];
    CHECK(driver.session().messages().empty());
    driver.session().training().watch(stopped.id);
    driver.workbench().settle();
    const auto steps = [&] { return driver.session().training().runs()[1].run->steps.size(); };
    const std::size_t before = steps();
    CHECK(before >= 1);
    // Nothing here waits for the clock: on a machine that is fast enough there is nothing to stop.
    if (before == kSteps) SKIP("the run was over before it could be stopped");
    CHECK(std::filesystem::exists(std::filesystem::path(stopped.id) / "training.state"));
    driver.session().training().resume(stopped.id);
    driver.workbench().settle();
    for (const Message& message : driver.session().messages()) UNSCOPED_INFO(message.text());
    CHECK(driver.session().messages().empty());
    CHECK(steps() == kSteps);
    CHECK(driver.session().documents().checkpoint(stopped.id) != nullptr);
    picture(driver, "workbench-train-two-runs.png");
}

TEST_CASE("An evaluation is started from the window and ends in a table of languages", "[ui]") {
    Driver driver(model_services());
    show_training(driver);
    CHECK(driver.run([&](ImGuiTestContext& c) {
        c.WindowFocus("//Evaluate");
        in_form(c, kEvaluate);
        c.ItemClick("Nats per byte");
        choose_file(c, kEvaluate, "Files/Add...", kTexts);
        c.ItemClick("Start evaluation");
        while (driver.session().jobs().busy()) wait(c);
    }));
    for (const Message& message : driver.session().messages()) UNSCOPED_INFO(message.text());
    CHECK(driver.session().messages().empty());
    REQUIRE(driver.session().evaluations().documents().size() == 1);
    const ScoreTable* table =
        driver.session().evaluations().documents()[0].file->find("nats per byte");
    REQUIRE(table != nullptr);
    CHECK(table->languages.size() == 12);
    driver.workbench().shell().state().bring_to_front = {kEvaluate};
    driver.workbench().settle();
    picture(driver, "workbench-evaluate.png");
}
