// The set-up when it is interrupted or something fails, with programs on PATH that stand in for
// pip, dpkg and sudo: nothing is fetched and nothing is installed.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

using alluvium::read_file;
using alluvium::test::TemporaryFolder;
using Catch::Matchers::ContainsSubstring;

namespace fs = std::filesystem;

namespace {

struct Result {
    int exit_code = -1;
    std::string told;  // standard error
};

// A copy of the set-up in a repository of its own, with an empty .deps.
class Machine {
  public:
    Machine() {
        fs::copy(ALLUVIUM_SOURCE_DIR "/setup", root() / "setup", fs::copy_options::recursive);
    }

    fs::path root() const { return folder_.path(); }
    fs::path deps() const { return root() / ".deps"; }
    fs::path started() const { return root() / "started"; }

    // In a process group of its own, as a shell starts it. `pip`: what the stand-in does.
    pid_t start(const std::string& pip, const std::string& packages = "installed") const {
        const pid_t child = ::fork();
        if (child != 0) return child;
        ::setpgid(0, 0);
        const fs::path stubs = ALLUVIUM_SOURCE_DIR "/tests/setup/stubs";
        ::setenv("PATH", (stubs.string() + ":" + std::getenv("PATH")).c_str(), 1);
        ::setenv("ALLUVIUM_PYTHON", (stubs / "python").c_str(), 1);
        ::setenv("STUB_PIP", pip.c_str(), 1);
        ::setenv("STUB_PACKAGES", packages.c_str(), 1);
        ::setenv("STUB_STARTED", started().c_str(), 1);
        const std::string line = "exec '" + (root() / "setup/install.sh").string() + "' build 2>'" +
                                 told().string() + "' </dev/null";
        ::execlp("bash", "bash", "-c", line.c_str(), nullptr);
        ::_exit(127);
    }

    Result finish(pid_t child) const {
        int status = 0;
        ::waitpid(child, &status, 0);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                read_file(told())};
    }

    Result run(const std::string& pip, const std::string& packages = "installed") const {
        return finish(start(pip, packages));
    }

    bool is_set_up() const {
        return fs::exists(deps() / "ready-build") &&
               fs::exists(deps() / "site/package-1.dist-info") &&
               fs::exists(deps() / "imgui-bundle/external/imgui/imgui/source.h");
    }

  private:
    fs::path told() const { return root() / "told"; }

    TemporaryFolder folder_;
};

// The set-up wants 3 GB before it fetches anything.
void skip_on_a_full_disk() {
    constexpr auto kNeeded = 4'000'000'000ULL;
    if (fs::space(fs::temp_directory_path()).available < kNeeded) SKIP("needs 4 GB of free disk");
}

long lines(const std::string& text) {
    return std::ranges::count(text, '\n');
}

}  // namespace

TEST_CASE("a set-up that fails says why in one line, leaves nothing half done, and goes on later") {
    skip_on_a_full_disk();
    const auto [pip, cause] = GENERATE(table<std::string, std::string>(
        {{"no-network", "the package registry cannot be reached"},
         {"disk-full", "the disk is full"},
         {"other-file", "a file that arrived is not the one that is pinned"},
         {"silent", "it left no message"}}));
    const Machine machine;
    const Result failed = machine.run(pip);
    INFO(failed.told);
    CHECK(failed.exit_code == 1);
    CHECK_THAT(failed.told, ContainsSubstring("error: fetching libtorch failed: " + cause));
    // What is being fetched, the error, the hint.
    CHECK(lines(failed.told) == 3);
    CHECK_FALSE(machine.is_set_up());

    const Result again = machine.run("works");
    INFO(again.told);
    CHECK(again.exit_code == 0);
    CHECK(machine.is_set_up());
    // And what is done is not done again.
    CHECK(machine.run("no-network").told.empty());
}

TEST_CASE("an interrupted set-up stops at once, leaves nothing behind, and goes on later") {
    skip_on_a_full_disk();
    // As the terminal does, and as `kill` does.
    const auto [signal, whole_group] =
        GENERATE(table<int, bool>({{SIGINT, true}, {SIGHUP, true}, {SIGTERM, false}}));
    const Machine machine;
    const pid_t child = machine.start("waits");
    for (int i = 0; i < 1000 && !fs::exists(machine.started()); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    REQUIRE(fs::exists(machine.started()));
    ::kill(whole_group ? -child : child, signal);
    const Result interrupted = machine.finish(child);
    INFO(interrupted.told);
    CHECK(interrupted.exit_code == 130);
    CHECK_THAT(interrupted.told, ContainsSubstring("interrupted; run this again"));
    CHECK_FALSE(fs::exists(machine.deps() / "tmp"));
    CHECK(::kill(-child, 0) == -1);  // nobody of its group is left

    const Result again = machine.run("works");
    INFO(again.told);
    CHECK(again.exit_code == 0);
    CHECK(machine.is_set_up());
}

TEST_CASE("a set-up that may not write or install says so and exits with 2") {
    const Machine machine;
    const Result refused = machine.run("works", "missing");
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.told, ContainsSubstring("this user may not install them") &&
                                 ContainsSubstring("\nsudo apt-get install -y "));

    // A folder where the lock should be: as unwritable for root as for anybody.
    fs::remove_all(machine.deps());
    fs::create_directories(machine.deps() / "lock");
    const Result unwritable = machine.run("works");
    CHECK(unwritable.exit_code == 2);
    CHECK_THAT(unwritable.told, ContainsSubstring("error: cannot write to '"));
    CHECK(lines(unwritable.told) == 2);
}
