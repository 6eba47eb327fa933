#include "base/hub_cache.h"

#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

// A repository as the hub's library lays it out, with the given commits.
class Repository {
  public:
    explicit Repository(const std::vector<std::string>& commits)
        : path_(folder_ / "models--FreedomIntelligence--Apollo-MoE-0.5B") {
        for (const std::string& commit : commits) {
            fs::create_directories(path_ / "snapshots" / commit);
        }
    }
    void set_main(const std::string& content) const {
        fs::create_directories(path_ / "refs");
        std::ofstream(path_ / "refs" / "main") << content;
    }
    const fs::path& path() const { return path_; }

  private:
    test::TemporaryFolder folder_;
    fs::path path_;
};

}  // namespace

TEST_CASE("A repository of the hub's cache means the snapshot of refs/main") {
    const Repository repository({"1a2b", "3c4d"});
    repository.set_main("3c4d");
    CHECK(hub_snapshot(repository.path()) == repository.path() / "snapshots/3c4d");
    repository.set_main("1a2b\n");
    CHECK(hub_snapshot(repository.path()) == repository.path() / "snapshots/1a2b");
}

TEST_CASE("A single snapshot needs no refs/main, several do") {
    const Repository one({"1a2b"});
    CHECK(hub_snapshot(one.path()) == one.path() / "snapshots/1a2b");
    const Repository two({"1a2b", "3c4d"});
    CHECK_THROWS_MATCHES(hub_snapshot(two.path()), UserError,
                         MessageMatches(ContainsSubstring("'1a2b', '3c4d'")));
}

TEST_CASE("A snapshot that refs/main names but that is not there is missed by name") {
    const Repository repository({"1a2b"});
    repository.set_main("9f9f");
    CHECK_THROWS_MATCHES(hub_snapshot(repository.path()), UserError,
                         MessageMatches(ContainsSubstring("'9f9f', which is not there")));
    const Repository empty({});
    fs::create_directories(empty.path() / "snapshots");
    CHECK_THROWS_MATCHES(hub_snapshot(empty.path()), UserError,
                         MessageMatches(ContainsSubstring("no snapshot")));
}

TEST_CASE("Any other path stays what it is") {
    const test::TemporaryFolder folder;
    CHECK(hub_snapshot(folder.path()) == folder.path());
    CHECK(hub_snapshot(folder / "nowhere") == folder / "nowhere");
    // A training run keeps snapshots beside a checkpoint of its own.
    fs::create_directories(folder / "snapshots" / "step-1");
    std::ofstream(folder / "config.json") << "{}";
    CHECK(hub_snapshot(folder.path()) == folder.path());
}

TEST_CASE("A snapshot is called as its repository") {
    const Repository repository({"1a2b"});
    CHECK(folder_name(repository.path() / "snapshots/1a2b") == "Apollo-MoE-0.5B");
    CHECK(folder_name("/models/Apollo-MoE-0.5B/") == "Apollo-MoE-0.5B");
    CHECK(folder_name("/models--gpt2/snapshots/1a2b") == "gpt2");
}

}  // namespace alluvium
