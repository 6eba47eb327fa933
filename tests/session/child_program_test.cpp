#include "app/session/child_program.h"

#include <atomic>
#include <fstream>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

namespace {

// In place of the program: a shell script with the arguments of the call.
ProgramCall script(const std::string& text) {
    return {.program = "/bin/sh", .arguments = {"-c", text}};
}

}  // namespace

TEST_CASE("a progress line is told from others, and read") {
    std::uint64_t done = 0, total = 0;
    CHECK(read_progress("training  28672/2867200 tokens (1%), 2867/s, 16:30 left", done, total));
    CHECK(done == 28672);
    CHECK(total == 2867200);
    CHECK_FALSE(read_progress("note: texts in /some/folder/7", done, total));
    CHECK_FALSE(read_progress("", done, total));
}

TEST_CASE("a program's progress is the job's") {
    Progress progress;
    run_program(script("echo 'training 30/100 tokens (30%), 3/s' >&2"), progress);
    CHECK(progress.total() == 100);
    CHECK(progress.done() == 30);
}

TEST_CASE(
    "what a program says of its failure is thrown, with its hint where the user can mend it") {
    Progress progress;
    try {
        run_program(script("echo 'error: no texts' >&2; echo 'hint: give some' >&2; exit 2"),
                    progress);
        FAIL("nothing was thrown");
    } catch (const UserError& error) {
        CHECK(std::string(error.what()) == "no texts");
        CHECK(error.hint() == "give some");
    }
    CHECK_THROWS_AS(run_program(script("echo 'error: disk full' >&2; exit 1"), progress), RunError);
}

TEST_CASE("a program that dies without a word is reported with what it said last") {
    Progress progress;
    try {
        run_program(script("echo 'loading' >&2; kill -KILL $$"), progress);
        FAIL("nothing was thrown");
    } catch (const RunError& error) {
        CHECK(std::string(error.what()).find("137") != std::string::npos);
        CHECK(std::string(error.what()).find("loading") != std::string::npos);
    }
}

TEST_CASE("a program that is not there is named") {
    Progress progress;
    CHECK_THROWS_AS(run_program({.program = "/nowhere/alluvium", .arguments = {}}, progress),
                    RunError);
}

TEST_CASE("cancelling interrupts the program and waits until it has saved") {
    const TemporaryFolder folder;
    const std::string saved = folder / "saved";
    Progress progress;
    std::thread canceller([&] {
        while (!std::filesystem::exists(folder / "ready")) std::this_thread::yield();
        progress.cancel();
    });
    ProgramCall call = script(
        "trap 'sleep 0.2; echo yes > saved; exit 1' INT; echo > ready; "
        "while :; do sleep 0.05; done");
    call.folder = folder / "";
    CHECK_THROWS_AS(run_program(call, progress), Cancelled);
    canceller.join();
    CHECK(read_file(saved) == "yes\n");
}
