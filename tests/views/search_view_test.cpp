#include <catch2/catch_test_macros.hpp>

#include "app/painters/png_file.h"
#include "app/views/view.h"
#include "tests/support/language_trace.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::Driver;
using alluvium::test::write_language_trace;

namespace {

void type_into(ImGuiTestContext& c, const char* field, const char* text) {
    c.ItemInput(field);
    c.KeyCharsReplaceEnter(text);
    c.Yield(2);
}

void open_planted(Driver& driver) {
    driver.open(write_language_trace(driver.folder() / "planted.h5"));
}

}  // namespace

TEST_CASE("A route is searched for by its words, and a hit opens its text", "[ui]") {
    Driver driver;
    open_planted(driver);
    driver.workbench().shell().state().bring_to_front = {kSearch};
    driver.workbench().settle();
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        type_into(c, "//Search/##query", "L6:E2 and language=hi");
        while (driver.session().jobs().busy()) c.Yield();
        c.Yield(2);
    }));
    CHECK(driver.session().messages().empty());
    CHECK(driver.session().view().search == "L6:E2 and language=hi");
    const TraceDocument& document = driver.session().documents().traces()[0];
    const auto answer =
        driver.session().results().search(document, driver.session().view().search, "language");
    REQUIRE(answer.result);
    REQUIRE(answer.result->groups.size() == 1);
    CHECK(answer.result->groups[0].label == "hi");
    REQUIRE_FALSE(answer.result->lines.empty());
    driver.workbench().settle();
    const std::filesystem::path folder = ALLUVIUM_SOURCE_DIR "/build/screenshots";
    std::filesystem::create_directories(folder);
    save_png(driver.workbench().pixels(), folder / "workbench-search.png");
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        const ImGuiID lines = c.WindowInfo("//Search/##lines").ID;
        c.SetRef(lines);
        c.ItemClick("$$0/##line");
    }));
    const PromptTable& prompts = document.trace->header().prompts;
    CHECK(prompts.language[driver.session().view().prompt] == "hi");
    CHECK(driver.run([&](ImGuiTestContext& c) { c.KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z); }));
    CHECK(driver.session().view().prompt == 0);
}

TEST_CASE("Words that cannot be understood are a message and change nothing", "[ui]") {
    Driver driver;
    open_planted(driver);
    CHECK(driver.run([&](ImGuiTestContext& c) { type_into(c, "//Verdict/##where", "L6:E2 and"); }));
    REQUIRE(driver.session().messages().size() == 1);
    CHECK(driver.session().view().where.empty());
}

TEST_CASE("The filter narrows what every view is computed on, and undo takes it back", "[ui]") {
    Driver driver;
    open_planted(driver);
    const std::string trace = driver.session().view().a;
    const auto tokens = [&] { return driver.session().analysis(trace).result->census.selected; };
    const std::uint64_t all = tokens();
    CHECK(driver.run([&](ImGuiTestContext& c) {
        type_into(c, "//Verdict/##where", "language in (fr, hi)");
        while (driver.session().jobs().busy()) c.Yield();
        c.Yield(2);
    }));
    driver.workbench().settle();
    CHECK(driver.session().messages().empty());
    CHECK(tokens() == all / 3);  // two of six languages, of equally many tokens
    driver.session().undo();
    driver.workbench().settle();
    CHECK(tokens() == all);
}
