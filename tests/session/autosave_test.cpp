#include "app/session/autosave.h"

#include <fstream>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

namespace {

// A process that has been and gone.
pid_t gone() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    return child;
}

std::filesystem::path session_of(const TemporaryFolder& folder, pid_t process, const char* by) {
    const std::filesystem::path path =
        folder / ("open-" + std::to_string(process) + kSessionEnding);
    SessionFile session;
    session.view.by = by;
    save_session_file(session, path);
    return path;
}

}  // namespace

TEST_CASE("a session is kept while it is open, and no longer") {
    const TemporaryFolder folder;
    Jobs jobs;
    std::filesystem::path path;
    {
        Autosave autosave(jobs, folder / "config");
        path = autosave.path();
        SessionFile session;
        session.view.by = "family";
        autosave.keep(session);
        CHECK(autosave.pending());  // it has only just begun
        while (autosave.pending()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            autosave.keep(session);
        }
        jobs.finish();
        CHECK(read_session_file(path).view.by == "family");
        autosave.keep(session);
        CHECK_FALSE(autosave.pending());
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("what a crash left is recovered once, the newest of several") {
    const TemporaryFolder folder;
    const auto old = session_of(folder, gone(), "script");
    const auto newer = session_of(folder, gone(), "family");
    std::filesystem::last_write_time(
        old, std::filesystem::last_write_time(newer) - std::chrono::hours(1));
    const auto recovered = recover_session(folder / "");
    REQUIRE(recovered);
    CHECK(read_session_file(*recovered).view.by == "family");
    CHECK_FALSE(std::filesystem::exists(old));
    CHECK_FALSE(recover_session(folder / ""));
}

TEST_CASE("the session of a window that is open is left alone") {
    const TemporaryFolder folder;
    const auto path = session_of(folder, ::getpid(), "family");
    CHECK_FALSE(recover_session(folder / ""));
    CHECK(std::filesystem::exists(path));
}
