// What a person drops onto the window or picks in a file dialog is opened.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "app/views/workbench.h"
#include "base/error.h"
#include "tests/support/language_trace.h"
#include "tests/views/driver.h"

using namespace alluvium;
using alluvium::test::Driver;
using alluvium::test::LanguageTrace;
using alluvium::test::write_language_trace;

namespace {

ModelServices that_describes() {
    return {.describe =
                [](const std::filesystem::path& folder) {
                    if (folder.filename() != "checkpoint") throw UserError("no checkpoint");
                    CheckpointSummary summary;
                    summary.name = folder.filename();
                    return summary;
                },
            .capture = [](const CaptureJob&, Progress&) {}};
}

std::string trace_in(const Driver& driver, const std::string& name) {
    return write_language_trace(driver.folder() / (name + ".h5"), LanguageTrace());
}

// As GLFW calls the window's callback.
void drop(Driver& driver, std::vector<std::string> paths) {
    std::vector<const char*> pointers;
    for (const std::string& path : paths) pointers.push_back(path.c_str());
    open_dropped(driver.session(), static_cast<int>(pointers.size()), pointers.data());
    driver.workbench().settle();
}

// A desktop whose file dialog is answered with `choice`; empty: with Cancel.
void answer_file_dialogs(const Driver& driver, const std::string& choice) {
    const std::filesystem::path program = driver.folder() / "zenity";
    std::ofstream(program) << "#!/bin/sh\n[ -z '" << choice << "' ] && exit 1\necho '" << choice
                           << "'\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ::setenv("PATH", (driver.folder().path().string() + ":" + std::getenv("PATH")).c_str(), 1);
}

}  // namespace

TEST_CASE("A checkpoint folder and two traces dropped together open, in the order of the drop",
          "[ui]") {
    Driver driver(that_describes());
    const std::filesystem::path checkpoint = driver.folder() / "checkpoint";
    std::filesystem::create_directory(checkpoint);
    const std::string first = trace_in(driver, "second-by-name"),
                      second = trace_in(driver, "by-name");
    drop(driver, {checkpoint, first, second});
    REQUIRE(driver.session().documents().checkpoints().size() == 1);
    CHECK(driver.session().view().a == first);
    CHECK(driver.session().view().b == second);
    CHECK(driver.session().messages().empty());
}

TEST_CASE("A trace dropped beside one of another checkpoint is compared with it", "[ui]") {
    Driver driver;
    const std::string shown = trace_in(driver, "shown");
    drop(driver, {shown});
    CHECK(driver.session().view().a == shown);
    LanguageTrace plan;
    plan.checkpoint_id = "bbbb";
    const std::string other = write_language_trace(driver.folder() / "other.h5", plan);
    drop(driver, {other});
    CHECK(driver.session().view().a == shown);
    CHECK(driver.session().view().b == other);
}

TEST_CASE("What cannot be opened is told, and what was dropped beside it opens", "[ui]") {
    Driver driver(that_describes());
    const std::string trace = trace_in(driver, "t");
    const std::filesystem::path broken = driver.folder() / "broken.h5";
    std::ofstream(broken) << "not a trace";
    const std::filesystem::path folder = driver.folder() / "holiday-pictures";
    std::filesystem::create_directory(folder);
    drop(driver, {broken, folder, trace, (driver.folder() / "gone.h5").string()});
    CHECK(driver.session().messages().size() == 3);
    CHECK(driver.session().documents().traces().size() == 1);
    CHECK(driver.session().view().a == trace);
}

TEST_CASE("A path typed into the window's own dialog is opened", "[ui]") {
    Driver driver;
    const std::string trace = trace_in(driver, "t");
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.ItemClick("//**/Open a trace or session...");
        c.ItemInput("//###path window/##path");
        c.KeyCharsReplaceEnter(trace.c_str());
    }));
    CHECK(driver.session().view().a == trace);
}

TEST_CASE("What is picked in the desktop's file dialog is opened", "[ui]") {
    Driver driver;
    const std::string trace = trace_in(driver, "t");
    answer_file_dialogs(driver, trace);
    driver.workbench().shell().state().picker.use_native(true);
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.ItemClick("//**/Open a trace or session...");
        while (driver.workbench().shell().state().picker.waiting()) c.Yield();
    }));
    CHECK(driver.session().view().a == trace);
}

TEST_CASE("Cancel in the desktop's file dialog opens nothing", "[ui]") {
    Driver driver;
    answer_file_dialogs(driver, "");
    driver.workbench().shell().state().picker.use_native(true);
    REQUIRE(driver.run([&](ImGuiTestContext& c) {
        c.ItemClick("//**/Open a trace or session...");
        while (driver.workbench().shell().state().picker.waiting()) c.Yield();
    }));
    CHECK(driver.session().documents().traces().empty());
    CHECK(driver.session().messages().empty());
}
